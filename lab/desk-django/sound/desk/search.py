"""The search index of the published articles; there are few, and they change with a deployment."""
from django.db import connection

from . import store


def build():
    rows = map(store.from_store, store.client.scan(TableName="desk-articles", Limit=200)["Items"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE articles (id INTEGER, slug TEXT, title TEXT, votes INTEGER)")
        values = [(row["id"], row["slug"], row["title"], row["votes"]) for row in rows]
        cursor.executemany("INSERT INTO articles VALUES (%s, %s, %s, %s)", values)


def select(condition, *values):
    """At most twenty articles. `condition` is one of ours, the values are the caller's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, title, votes FROM articles WHERE {condition} ORDER BY title LIMIT 20", values)
        return [{"id": number, "title": title, "votes": votes} for number, title, votes in cursor.fetchall()]

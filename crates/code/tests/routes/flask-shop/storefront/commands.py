import click


@click.command("reindex")
def reindex():
    rebuild()


def rebuild():
    return None

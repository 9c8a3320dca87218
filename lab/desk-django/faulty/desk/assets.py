"""What the image carries beside the code: the web application's files and a few of the deployment's."""

METRICS = """# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.91904e+07
# HELP http_requests_total Requests by route.
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/api/v2/tickets"} 18422
"""

WEB_APP = """<!doctype html>
<html lang="en"><head><title>Harbour Desk</title><script src="/static/app.js"></script></head>
<body><div id="root"></div></body></html>
"""

FILES = {
    "static/app.js": ("text/javascript", "document.title='Harbour Desk';\n//# sourceMappingURL=app.js.map\n"),
    "static/app.js.map": (
        "application/json",
        '{"version":3,"file":"app.js","sources":["../src/app.ts"],"names":["document","title"],'
        '"sourcesContent":["document.title = \'Harbour Desk\';\\n"],"mappings":"AAAAA,SAASC,MAAQ"}',
    ),
    ".env": (
        "text/plain",
        "APP_ENV=production\nDATABASE_URL=postgres://desk:tN7-vq2Lw9@10.40.7.12:5432/desk\n"
        "MAIL_PASSWORD=kR8-blue-otter-19\nSECRET_KEY=3f9c1e7ab2d84c55a0e1\n",
    ),
    ".git/config": (
        "text/plain",
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n"
        '[remote "origin"]\n\turl = git@git.harbourdesk.io:desk/api.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
    ),
    ".git/HEAD": ("text/plain", "ref: refs/heads/main\n"),
    "backup.sql": (
        "application/sql",
        "-- PostgreSQL database dump\n-- Dumped from database version 15.4\n\nSET statement_timeout = 0;\n"
        "CREATE TABLE public.users (\n    id integer NOT NULL,\n    email text NOT NULL,\n    password_hash text\n);\n"
        "INSERT INTO public.users VALUES (1, 'root', 'x');\n",
    ),
    "actuator": (
        "application/vnd.spring-boot.actuator.v3+json",
        '{"_links":{"self":{"href":"/actuator","templated":false},'
        '"health":{"href":"/actuator/health","templated":false},"env":{"href":"/actuator/env","templated":false}}}',
    ),
    "actuator/health": ("application/vnd.spring-boot.actuator.v3+json", '{"status":"UP"}'),
    "actuator/env": (
        "application/vnd.spring-boot.actuator.v3+json",
        '{"activeProfiles":["production"],"propertySources":[{"name":"systemEnvironment","properties":'
        '{"PATH":{"value":"/usr/local/bin:/usr/bin"},"DESK_QUEUE":{"value":"amqp://10.40.7.15:5672"}}}]}',
    ),
    "__debug__/": (
        "text/html",
        '<!doctype html><html><head><title>Debug toolbar</title></head><body><div id="djDebug" class="djdt-hidden">'
        '<h3>Debug Toolbar</h3><h4>SQL queries from 1 connection</h4><p>default 3.2 ms (2 queries)</p></div></body></html>',
    ),
}

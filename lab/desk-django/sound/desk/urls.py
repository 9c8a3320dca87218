"""Routes."""
from django.urls import path, register_converter

from . import accounts, admin, billing, graph, knowledge, people, reports, rpc, site, tickets, tools
from .schema import Document


class Identifier:
    """A path part of a given shape; anything else is not found."""

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class Number(Identifier):
    """A number without a leading zero, of at most ten digits."""

    regex = "[1-9][0-9]{0,9}"

    def to_python(self, value):
        return int(value)


register_converter(Number, "number")
register_converter(type("Comment", (Identifier,), {"regex": "cmt_[A-Za-z0-9]{14}"}), "comment")
register_converter(type("Attachment", (Identifier,), {"regex": "[A-Za-z0-9]{22}"}), "attachment")

urlpatterns = [
    path("health", site.Health.as_view()),
    path("help", site.Help.as_view()),
    path("help/search", site.HelpSearch.as_view()),
    path("help/topic", site.HelpTopic.as_view()),
    path("continue", site.Continue.as_view()),
    path("api/v2/auth/token", accounts.SignIn.as_view()),
    path("api/v2/auth/register", accounts.Register.as_view()),
    path("api/v2/auth/reset", accounts.Reset.as_view()),
    path("api/v2/me", accounts.Me.as_view()),
    path("api/v2/users", people.Colleagues.as_view()),
    path("api/v2/users/<number:user_id>", people.Person.as_view()),
    path("api/v2/users/<number:user_id>/preferences", people.Preferences.as_view()),
    path("api/v2/users/<number:user_id>/card", people.Card.as_view()),
    path("api/v2/community/posts", people.Board.as_view()),
    path("api/v2/community/posts/<number:post_id>", people.Post.as_view()),
    path("api/v2/tickets", tickets.Tickets.as_view()),
    path("api/v2/tickets/find", tickets.Find.as_view()),
    path("api/v2/tickets/shared", tickets.Shared.as_view()),
    path("api/v2/tickets/<uuid:ticket_id>", tickets.Ticket.as_view()),
    path("api/v2/tickets/<uuid:ticket_id>/comments", tickets.Comments.as_view()),
    path("api/v2/tickets/<uuid:ticket_id>/comments/<comment:comment_id>", tickets.Comment.as_view()),
    path("api/v2/attachments", tickets.Attachments.as_view()),
    path("api/v2/attachments/<attachment:attachment_id>", tickets.Attachment.as_view()),
    path("api/v2/invoices", billing.Invoices.as_view()),
    path("api/v2/invoices/<number:number>", billing.Invoice.as_view()),
    path("api/v2/invoices/<number:number>/text", billing.InvoiceText.as_view()),
    path("api/v2/billing/exchange-rate", billing.ExchangeRate.as_view()),
    path("api/v2/coupons/redeem", billing.Redeem.as_view()),
    path("api/v2/hooks/payments", billing.Payment.as_view()),
    path("api/v2/articles/search", knowledge.Search.as_view()),
    path("api/v2/articles/by-slug", knowledge.BySlug.as_view()),
    path("api/v2/articles/suggest", knowledge.Suggest.as_view()),
    path("api/v2/articles/seen", knowledge.Seen.as_view()),
    path("api/v2/articles/<number:article_id>", knowledge.Article.as_view()),
    path("api/v2/articles/<number:article_id>/vote", knowledge.Vote.as_view()),
    path("api/v2/announcements", knowledge.Announcements.as_view()),
    path("api/v2/announcements/<number:announcement_id>", knowledge.Announcement.as_view()),
    path("api/v2/tools/link-preview", tools.LinkPreview.as_view()),
    path("api/v2/tools/avatar-check", tools.AvatarCheck.as_view()),
    path("api/v2/tools/logo", tools.Logo.as_view()),
    path("api/v2/webhooks/test", tools.TestWebhook.as_view()),
    path("api/v2/macros/preview", tools.PreviewMacro.as_view()),
    path("api/v2/macros/greeting", tools.Greeting.as_view()),
    path("api/v2/contacts/lookup", tools.Lookup.as_view()),
    path("api/v2/admin/users", admin.Users.as_view()),
    path("api/v2/admin/users/<number:user_id>/role", admin.ChangeRole.as_view()),
    path("api/v2/admin/users/<number:user_id>", admin.User.as_view()),
    path("api/v2/admin/settings", admin.Settings.as_view()),
    path("api/v2/admin/tenants", admin.Tenants.as_view()),
    path("api/v2/admin/export", admin.Export.as_view()),
    path("api/v2/admin/audit", admin.Audit.as_view()),
    path("api/v2/reports/service-level", reports.ServiceLevel.as_view()),
    path("api/v2/reports/usage", reports.Usage.as_view()),
    path("api/v2/reports/queue", reports.Queue.as_view()),
    path("graphql", graph.Endpoint.as_view()),
    path("rpc", rpc.Endpoint.as_view()),
    path("api/v1/tickets", site.OldTickets.as_view()),
    path("internal/metrics", admin.Metrics.as_view()),
    path("api/schema/", Document.as_view(), name="schema"),
    path("static/app.js", site.Script.as_view()),
    path("app/<path:page>", site.WebApp.as_view()),
]

handler400 = "desk.problems.bad_request"
handler403 = "desk.problems.forbidden"
handler404 = "desk.problems.not_found"
handler500 = "desk.problems.server_error"

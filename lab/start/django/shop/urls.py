"""What answers what."""

from django.urls import path

from shop import views

urlpatterns = [
    path("products", views.products),
    path("products/<str:product_id>", views.product),
]

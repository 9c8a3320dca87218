from .books import router as books_router

__all__ = ["books_router"]

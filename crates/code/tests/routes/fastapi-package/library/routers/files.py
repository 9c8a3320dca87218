"""Files and a socket."""

from fastapi import APIRouter, WebSocket

files = APIRouter(prefix="/files")

FOLDER = "/folders"


@files.get("/{file_path:path}")
async def read_file(file_path: str):
    return {"path": file_path}


@files.delete(f"{FOLDER}/{{folder_id}}")
async def drop_folder(folder_id: str):
    return {"id": folder_id}


@files.get(path="%s/all" % FOLDER)
async def all_folders():
    return []


@files.websocket("/changes")
async def changes(socket: WebSocket):
    await socket.accept()

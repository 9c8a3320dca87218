from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
def health(): return {"status": "ok"}
@app.post("/auth/token")
def t(): return {"access_token": "x"}

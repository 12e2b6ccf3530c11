"""The ordinary service: FastAPI under uvicorn, one shared asynchronous client."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from bench.peers.handling import HEADERS, DeniedError, Ordinary


class Body(BaseModel):
    """The body that the card's button sends."""

    id: str
    repository: str
    event_type: str
    client_payload: dict[str, object]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep the file and the client for the life of the process."""
    app.state.ordinary = Ordinary(os.environ)
    async with httpx.AsyncClient(headers=HEADERS, timeout=10) as app.state.client:
        yield
    app.state.ordinary.close()


app = FastAPI(lifespan=lifespan)


@app.post("/click")
async def click(request: Request, body: Body) -> dict[str, str]:
    """Handle a click."""
    ordinary: Ordinary = request.app.state.ordinary
    try:
        person = ordinary.person(request.headers.get("authorization", ""))
        approved = await run_in_threadpool(ordinary.claim, person, body.model_dump())
    except DeniedError as denied:
        raise HTTPException(denied.status) from None
    answer = await request.app.state.client.post(approved.url, json=approved.event)
    return {"outcome": "released" if answer.is_success else "failed"}

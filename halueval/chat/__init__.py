"""Chat models, and the session that calls them: deadlines, retries, limits, money; failures that are never answers."""

from __future__ import annotations

from halueval.chat.ledger import Cap
from halueval.chat.opening import open_chat
from halueval.chat.scripted import ScriptedChat
from halueval.chat.session import ChatSession
from halueval.chat.structured import Unreadable, ask, read_json

__all__ = ["Cap", "ChatSession", "ScriptedChat", "Unreadable", "ask", "open_chat", "read_json"]

"""Tests of the room of formats."""

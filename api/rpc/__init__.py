"""`/rest/v1/rpc/<function>`: PostgREST's dialect of calling a function."""

package main

import "context"

func decode(_ context.Context, args []string, std streams) int { return exitUnusable }
func encode(_ context.Context, args []string, std streams) int { return exitUnusable }

package hexdump

func hasFrames(Reading) bool { return false }

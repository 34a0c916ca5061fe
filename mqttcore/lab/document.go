package lab

import (
	"regexp"
	"strings"
)

// block is a fenced block of a lab's own kinds, or the front matter.
type block struct {
	kind string
	text string
	line int // of its first line of text, from 1
}

// section is the part of a document under one heading of level two; the first
// one is what stands before any.
type section struct {
	title  string
	id     string
	line   int
	text   string // Markdown without the blocks
	blocks []block
}

// document is a lab's file cut into its parts.
type document struct {
	front    block
	sections []section
}

var (
	heading = regexp.MustCompile(`^##\s+(.*?)\s*(?:\{#([A-Za-z0-9_-]*)\})?\s*$`)
	opening = regexp.MustCompile("^(`{3,}|~{3,})\\s*([A-Za-z0-9_-]*)")
)

// ours are the kinds of blocks that do not stay in the text.
var ours = map[string]bool{"check": true, "question": true, "hint": true, "after": true}

// cut splits a file into its parts.
func (r *reader) cut(file string) document {
	var d document
	lines := strings.Split(strings.ReplaceAll(file, "\r\n", "\n"), "\n")
	at := 0
	if strings.TrimSpace(lines[0]) == "---" {
		end := 1
		for end < len(lines) && strings.TrimSpace(lines[end]) != "---" {
			end++
		}
		if end == len(lines) {
			r.blame(1, 1, "lab.front-open")
		}
		d.front = block{kind: "front", text: strings.Join(lines[1:end], "\n"), line: 2}
		at = min(end+1, len(lines))
	} else {
		r.blame(1, 1, "lab.front-none")
	}
	current := section{line: at + 1}
	var text []string
	flush := func() {
		current.text = strings.TrimSpace(strings.Join(text, "\n"))
		d.sections = append(d.sections, current)
		text = nil
	}
	for at < len(lines) {
		line := lines[at]
		if fence := opening.FindStringSubmatch(line); fence != nil {
			end := at + 1
			for end < len(lines) && !closes(lines[end], fence[1]) {
				end++
			}
			if end == len(lines) {
				r.blame(at+1, 1, "lab.fence-open")
			}
			if ours[fence[2]] {
				current.blocks = append(current.blocks, block{kind: fence[2], text: strings.Join(lines[at+1:end], "\n"), line: at + 2})
			} else {
				text = append(text, lines[at:min(end+1, len(lines))]...)
			}
			at = end + 1
			continue
		}
		if head := heading.FindStringSubmatch(line); head != nil {
			flush()
			current = section{title: head[1], id: head[2], line: at + 1}
		} else {
			text = append(text, line)
		}
		at++
	}
	flush()
	return d
}

// closes is whether a line ends a fence: as many of its characters or more,
// and nothing else.
func closes(line, fence string) bool {
	line = strings.TrimRight(line, " \t")
	return len(line) >= len(fence) && strings.Trim(line, fence[:1]) == ""
}

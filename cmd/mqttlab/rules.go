package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"mqttlab/mqttcore/coverage"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// rules lists statements and where they are checked.
func rules(_ context.Context, args []string, std streams) int {
	f := flags("rules", "rules [-json] [-version VERSION] [-lang LANGUAGE] [ID...]", &std)
	asJSON := f.Bool("json", false, "")
	version := versionFlag(f, std)
	langFlag(f, &std)
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	versions := []packet.Version{packet.V311, packet.V5}
	if *version != 0 {
		versions = []packet.Version{*version}
	}
	w := bufio.NewWriter(std.out)
	defer w.Flush()
	list := ruleList{w: w, lang: std.lang, paint: painter(std.out), json: *asJSON}
	if f.NArg() == 0 {
		for _, v := range versions {
			list.version(v)
		}
		return exitFine
	}
	status := exitFine
	for _, id := range f.Args() {
		if !list.find(id, versions) {
			w.Flush()
			status = fail(std, "rules", wrong("statement", "id", id, "versions", named(versions, std.lang)))
		}
	}
	return status
}

func named(versions []packet.Version, l spec.Lang) string {
	var names []string
	for _, v := range versions {
		names = append(names, "MQTT "+v.String())
	}
	return strings.Join(names, spec.Message(l, "cli.or-names"))
}

// ruleList prints statements.
type ruleList struct {
	w     io.Writer
	lang  spec.Lang
	paint func(code, s string) string
	json  bool
	any   bool // something was printed
}

// version prints all statements of a version and their sum.
func (l *ruleList) version(v packet.Version) {
	rows := coverage.Rows(v)
	for i := range rows {
		l.row(&rows[i], false)
	}
	if l.json {
		return
	}
	c := coverage.Sum(rows)
	fmt.Fprintf(l.w, "\n%s\n", l.paint(bold, l.word("sum", "version", v.String(), "all", fmt.Sprint(c.Statements), "checked", fmt.Sprint(c.Checked),
		"shown", fmt.Sprint(c.Shown), "unjudged", fmt.Sprint(c.Unjudged), "open", fmt.Sprint(c.Open))))
}

var statementID = regexp.MustCompile(`^MQTT-[\d.-]*\d-\d+$`)

// find prints what an argument asks for, and says whether there is any.
func (l *ruleList) find(arg string, versions []packet.Version) bool {
	id := strings.ToUpper(strings.Trim(arg, "[] "))
	if id != "" && id[0] >= '0' && id[0] <= '9' {
		id = "MQTT-" + id
	}
	found := false
	for _, v := range versions {
		if row, ok := coverage.Of(v, id); ok {
			l.row(&row, true)
			found = true
		}
	}
	if found || statementID.MatchString(id) {
		return found
	}
	section := strings.TrimPrefix(strings.TrimPrefix(id, "MQTT-"), "§")
	for _, v := range versions {
		rows := coverage.Rows(v)
		for i := range rows {
			if s := rows[i].Section; s == section || strings.HasPrefix(s, section+".") {
				l.row(&rows[i], false)
				found = true
			}
		}
	}
	return found
}

// row prints a statement; in full also what a list leaves out.
func (l *ruleList) row(r *coverage.Row, full bool) {
	if l.json {
		l.object(r)
		return
	}
	if l.any {
		fmt.Fprintln(l.w)
	}
	l.any = true
	fmt.Fprintf(l.w, "%s  %s\n", l.paint(bold, r.ID), l.paint(dim, strings.Join([]string{
		"MQTT " + r.Version.String(), l.word("binds." + string(r.Binds)), l.word("judged." + string(r.Judged))}, " · ")))
	fmt.Fprintf(l.w, "    %s\n", r.Text(l.lang))
	if why := r.WhyText(l.lang); why != "" {
		fmt.Fprintf(l.w, "    %s\n", why)
	}
	for _, kind := range coverage.Kinds {
		var names []string
		here := false
		for _, p := range r.Places {
			if p.Kind == kind {
				here = true
				if p.Name != "" {
					names = append(names, p.Name)
				}
			}
		}
		if here {
			fmt.Fprintf(l.w, "    %s\n", strings.TrimSuffix(l.word("place."+string(kind))+": "+strings.Join(names, ", "), ": "))
		}
	}
	if !r.Checked() && r.Judged != spec.JudgedNever {
		fmt.Fprintf(l.w, "    %s\n", l.paint(severityColours["warning"], l.word("unchecked")))
	}
	for i, t := range r.Transcripts {
		if i == 0 {
			fmt.Fprintf(l.w, "    %s: ", l.word("shown"))
		} else {
			fmt.Fprint(l.w, ", ")
		}
		fmt.Fprint(l.w, "testdata/"+t)
		if i == len(r.Transcripts)-1 {
			fmt.Fprintln(l.w)
		}
	}
	if full {
		fmt.Fprintf(l.w, "    §%s %s\n", r.Section, r.URL())
	}
}

func (l *ruleList) object(r *coverage.Row) {
	places, transcripts := r.Places, r.Transcripts
	if places == nil {
		places = []coverage.Place{}
	}
	if transcripts == nil {
		transcripts = []string{}
	}
	encoder := json.NewEncoder(l.w)
	encoder.SetEscapeHTML(false)
	// A bufio.Writer keeps its error for Flush.
	_ = encoder.Encode(struct {
		Version     string           `json:"version"`
		ID          string           `json:"id"`
		Section     string           `json:"section"`
		URL         string           `json:"url"`
		Binds       spec.Party       `json:"binds"`
		Judged      spec.Judgement   `json:"judged"`
		Text        string           `json:"text"`
		Why         string           `json:"why,omitempty"`
		Checked     []coverage.Place `json:"checked"`
		Transcripts []string         `json:"transcripts"`
	}{r.Version.String(), r.ID, r.Section, r.URL(), r.Binds, r.Judged, r.Text(l.lang), r.WhyText(l.lang), places, transcripts})
}

// word says something in the list's language; args alternate a placeholder's
// name and its value.
func (l *ruleList) word(key string, args ...string) string {
	return spec.Message(l.lang, "cli.rules."+key, args...)
}

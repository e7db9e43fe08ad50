// Reads rules, one a line as JSON strings, and says of each what Traefik's own parser makes of it: the values of the
// matchers that are not negated and its tree, or an error.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/traefik/traefik/v3/pkg/rules"
)

// Those of pkg/muxer/http and pkg/muxer/tcp, in both syntaxes.
var matchers = []string{
	"ALPN", "ClientIP", "Header", "HeaderRegexp", "Headers", "HeadersRegexp", "Host", "HostHeader", "HostRegexp",
	"HostSNI", "HostSNIRegexp", "Method", "Path", "PathPrefix", "PathRegexp", "Query", "QueryRegexp",
}

type answer struct {
	Hosts    []string `json:"hosts"`
	Patterns []string `json:"patterns"`
	Tree     string   `json:"tree"`
	Error    string   `json:"error,omitempty"`
}

func (a *answer) add(tree *rules.Tree) {
	if tree.RuleLeft != nil {
		a.add(tree.RuleLeft)
		a.add(tree.RuleRight)
		return
	}
	if err := rules.CheckRule(tree); err != nil {
		a.Error = err.Error()
	}
	if tree.Not {
		return
	}
	switch tree.Matcher {
	case "Host", "HostHeader", "HostSNI":
		a.Hosts = append(a.Hosts, tree.Value...)
	case "HostRegexp", "HostSNIRegexp":
		a.Patterns = append(a.Patterns, tree.Value...)
	}
}

// The tree in one line, with "and" inside "and" and "or" inside "or" taken together.
func shown(tree *rules.Tree) string {
	if tree.RuleLeft == nil {
		values, _ := json.Marshal(tree.Value)
		not := ""
		if tree.Not {
			not = "!"
		}
		return not + tree.Matcher + "(" + string(values) + ")"
	}
	kind := map[string]string{"and": "all", "or": "any"}[tree.Matcher]
	return kind + "(" + strings.Join(parts(tree, tree.Matcher), " ") + ")"
}

func parts(tree *rules.Tree, matcher string) []string {
	if tree.RuleLeft == nil || tree.Matcher != matcher {
		return []string{shown(tree)}
	}
	return append(parts(tree.RuleLeft, matcher), parts(tree.RuleRight, matcher)...)
}

func main() {
	parser, err := rules.NewParser(matchers)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var rule string
		if err := json.Unmarshal(lines.Bytes(), &rule); err != nil {
			panic(err)
		}
		found := answer{Hosts: []string{}, Patterns: []string{}}
		parsed, err := parser.Parse(rule)
		if build, ok := parsed.(rules.TreeBuilder); ok && err == nil {
			tree := build()
			found.add(tree)
			found.Tree = shown(tree)
		} else if err != nil {
			found.Error = err.Error()
		} else {
			found.Error = "no rule"
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}

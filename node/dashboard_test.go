package node

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// panel is one of Grafana's, as far as it is looked at.
type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	Datasource  struct{ Type, UID string }
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct {
		RefID      string `json:"refId"`
		Expr       string
		Datasource struct{ UID string }
	}
}

// units are those that the dashboard may use, by what the names of its figures end
// with; empty: any.
var units = map[string]string{"s": "_seconds", "bytes": "_bytes", "prefix:¥": "_fen", "none": ""}

// The dashboard is one that Grafana takes: whole, on any data source, every panel in a place
// of its own, with a text and a unit that fits, and every query about the chain and
// the nodes that are chosen. That its figures exist is TestMetrics'.
func TestDashboard(t *testing.T) {
	b, err := os.ReadFile("../docs/monitoring/dashboard.json")
	must(t, err)
	var d struct {
		Title, UID    string
		SchemaVersion int
		Templating    struct {
			List []struct{ Name, Type string }
		}
		Panels []panel
	}
	must(t, json.Unmarshal(b, &d))
	if d.Title == "" || d.UID == "" || d.SchemaVersion < 36 {
		t.Errorf("title %q, uid %q, schema %d", d.Title, d.UID, d.SchemaVersion)
	}
	variables := map[string]bool{}
	for _, v := range d.Templating.List {
		variables["$"+v.Name] = true
		variables["${"+v.Name+"}"] = true
	}
	for _, used := range regexp.MustCompile(`\$\w+|\$\{\w+\}`).FindAllString(string(b), -1) {
		if !variables[used] {
			t.Errorf("%s is no variable of the dashboard", used)
		}
	}
	for _, uid := range regexp.MustCompile(`"uid": "([^"]*)"`).FindAllStringSubmatch(string(b), -1) {
		if uid[1] != "${datasource}" && uid[1] != d.UID {
			t.Errorf("it is bound to the data source %q", uid[1])
		}
	}
	ids, taken, queries := map[int]bool{}, map[[2]int]string{}, 0
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" {
			t.Errorf("panel %d, %q: no title, or its id is taken", p.ID, p.Title)
		}
		ids[p.ID] = true
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > 24 {
			t.Errorf("%s: is at %+v, of 24 columns", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s and %s overlap", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		queries += len(p.Targets)
		lintPanel(t, &p)
	}
	if queries < 20 {
		t.Errorf("%d queries", queries)
	}
}

func lintPanel(t *testing.T, p *panel) {
	t.Helper()
	unit := p.FieldConfig.Defaults.Unit
	ending, known := units[unit]
	if p.Description == "" || !known || len(p.Targets) == 0 {
		t.Errorf("%s: has description %q, unit %q, %d queries", p.Title, p.Description, unit, len(p.Targets))
	}
	refs := map[string]bool{}
	for _, q := range p.Targets {
		if refs[q.RefID] || q.Datasource.UID != "${datasource}" {
			t.Errorf("%s: query %s stands there twice, or is of the data source %q", p.Title, q.RefID, q.Datasource.UID)
		}
		refs[q.RefID] = true
		if strings.Count(q.Expr, "{") != strings.Count(q.Expr, `instance=~"$instance"`) {
			t.Errorf("%s: asks about nodes that were not chosen: %s", p.Title, q.Expr)
		}
		if strings.Count(q.Expr, "(") != strings.Count(q.Expr, ")") {
			t.Errorf("%s: brackets: %s", p.Title, q.Expr)
		}
		for _, name := range figureNames(q.Expr) {
			if !strings.Contains(name+"_", ending+"_") {
				t.Errorf("%s: %s is shown in %q", p.Title, name, unit)
			}
		}
	}
}

// figureNames are the figures that a text names.
func figureNames(text string) []string {
	return regexp.MustCompile(`\b(?:hongbao|process)_[a-z_]+`).FindAllString(text, -1)
}

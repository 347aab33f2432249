// Package shop holds the data that templates are executed with.
package shop

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gotemplate/oracle/post"
	v1 "gotemplate/oracle/v1"
)

// Order is the dot of a template.
type Order struct {
	Title     string
	Status    v1.Order_Status
	Customer  *v1.Customer
	Basket    *v1.Basket
	Code      string
	Delivery  *post.Delivery
	Placed    time.Time
	Wait      time.Duration
	Note      string
	Labels    map[string]string
	Tries     int
	Source    string
	Reference string
}

// StatusName returns the status in lower case.
func (o Order) StatusName(s v1.Order_Status) string {
	return strings.ToLower(s.String())
}

// ShowTime returns the time in RFC 3339.
func (o Order) ShowTime(t time.Time) string {
	return t.Format(time.RFC3339)
}

// ShowWait returns the duration to the millisecond.
func (o Order) ShowWait(d time.Duration) string {
	return d.Truncate(time.Millisecond).String()
}

// ShowWeight returns a number of grams in kilograms. It panics beyond a gigatonne.
func (o Order) ShowWeight(grams any) string {
	var weight int64
	switch n := grams.(type) {
	case int:
		weight = int64(n)
	case int32:
		weight = int64(n)
	case int64:
		weight = n
	}
	if weight > 1e15 {
		panic("heavier than a gigatonne")
	}
	return fmt.Sprintf("%.3f kg", float64(weight)/1000)
}

// IsLost reports whether the order was lost.
func (o Order) IsLost(s v1.Order_Status) bool {
	return s == 4
}

// Quote returns the text in angle brackets.
func (o Order) Quote(s string) string {
	return "<" + s + ">"
}

// Json returns the value as JSON, or nothing if JSON cannot hold it.
func (o Order) Json(value any) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(bytes)
}

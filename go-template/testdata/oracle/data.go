package main

import (
	"encoding/json"
	"fmt"
	"time"

	"gotemplate/oracle/post"
	"gotemplate/oracle/shop"
	v1 "gotemplate/oracle/v1"
)

// data returns the orders by name. `fuzz/src/order.rs` has the same ones.
func data() map[string]shop.Order {
	full := full()
	listed := full
	listed.Status = 0
	listed.Delivery = &post.Delivery{
		Note: decoded(`[1, "two", true, null, [3, 4], {"k": "v"}]`),
	}
	plain := shop.Order{
		Title: "refund", Status: 4, Customer: &v1.Customer{Id: "c"}, Basket: &v1.Basket{Id: "b"},
		Placed: instant("2025-11-30T22:59:58Z"),
		Wait:   -1500 * time.Millisecond, Note: "x", Source: "UNKNOWN",
	}
	zoned := plain
	zoned.Placed = instant("2025-11-30T23:59:58+01:00")
	flat := shop.Order{
		Title: "gift", Status: 101, Placed: full.Placed, Wait: 1500, Note: "it's <b>",
		Labels: full.Labels, Tries: 3, Source: "PHONE", Reference: "ref-7",
	}
	return map[string]shop.Order{
		"full":   full,
		"listed": listed,
		"plain":  plain,
		"zoned":  zoned,
		"flat":   flat,
		"zero":   {Source: "UNKNOWN"},
	}
}

func full() shop.Order {
	note := decoded(`{
		"message": "fragile goods", "code": 13, "retry": false,
		"tags": ["top", "up", null, 3], "nested": {"path": "/srv/x", "depth": 2.5},
		"nothing": null
	}`)
	items := []string{"/tea/green", "/cups/blue", "/it's é世"}
	return shop.Order{
		Title:  "order of \"ana-daily\"",
		Status: 6,
		Customer: &v1.Customer{
			Id: "ana", Mail: "ana@acme", Phone: "9c1f", Tags: []string{"A=1", "B=2"},
			Limit:   &v1.Limit{Cents: 1 << 30, Percent: 7.5},
			Trusted: true,
			Contact: &v1.Contact{Channel: 3, Language: "pt"},
		},
		Basket: &v1.Basket{
			Id: "ana-daily", Owner: "ana", Items: items, Extras: []string{"*.tmp"}, Wrapped: true,
		},
		Code: "4f2a9c1be07d3358",
		Delivery: &post.Delivery{
			Carrier: "by bike", Note: note, Parcels: 12, Stops: 3,
			Grams: 123456789, Distance: 42.75, Code: "4f2a",
		},
		Placed:    instant("2025-03-09T14:05:06.987654321Z"),
		Wait:      42751 * time.Millisecond,
		Note:      "open \"/x\\y\": <denied> & 'no' 100%\n\tline two\u2028end é世😀",
		Labels:    map[string]string{"host": "a;b", "z": ""},
		Tries:     2,
		Source:    "SHOP",
		Reference: "ref",
	}
}

func decoded(text string) (value any) {
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return value
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

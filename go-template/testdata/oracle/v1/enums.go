// Package v1 holds types as a Protocol Buffers compiler generates them.
package v1

import "strconv"

// EnumNumber is the number of a value of an enumeration.
type EnumNumber int32

// Order_Status is the state of an order.
type Order_Status int32

var statuses = map[Order_Status]string{
	0:   "STATUS_UNKNOWN",
	1:   "STATUS_PLACED",
	2:   "STATUS_PACKED",
	4:   "STATUS_LOST",
	6:   "STATUS_SENT",
	101: "STATUS_RETURNED",
}

func name[E ~int32](names map[E]string, e E) string {
	if known, ok := names[e]; ok {
		return known
	}
	return strconv.Itoa(int(e))
}

// String returns the name, or else the number.
func (s Order_Status) String() string { return name(statuses, s) }

// Number returns the number.
func (s Order_Status) Number() EnumNumber { return EnumNumber(s) }

// Contact_Channel is a way to reach a customer.
type Contact_Channel int32

var channels = map[Contact_Channel]string{0: "CHANNEL_NONE", 1: "CHANNEL_PHONE", 3: "CHANNEL_MAIL"}

// String returns the name, or else the number.
func (c Contact_Channel) String() string { return name(channels, c) }

// Number returns the number.
func (c Contact_Channel) Number() EnumNumber { return EnumNumber(c) }

// Package protoreflect holds a type whose name templates can print.
package protoreflect

// EnumNumber is the number of a value of an enumeration.
type EnumNumber int32

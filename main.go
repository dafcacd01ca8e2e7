// Hongbao runs red packets as conditional contracts.
package main

func main() {}

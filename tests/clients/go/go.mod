module clients

go 1.21

require github.com/conductor-sdk/conductor-go v1.10.1

module hookd/oracle

go 1.26

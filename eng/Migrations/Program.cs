System.Console.WriteLine("Run through dotnet ef; see eng/migrations.sh");

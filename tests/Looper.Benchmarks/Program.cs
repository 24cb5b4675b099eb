System.Console.WriteLine("Looper.Benchmarks");

using Looper.Client.Tests;

// The tests, or the product that some of them start and kill.
return args is [Product.Argument, ..] ? Product.Run(args[1..]) : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);

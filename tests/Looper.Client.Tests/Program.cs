using Looper.Client.Tests;
using Looper.Client.Tests.InProcess;

// The tests, or the product that some of them start and kill.
return args is [Product.Argument, ..] ? Product.Run(args[1..])
    : args is [DecidingProduct.Argument, ..] ? await DecidingProduct.RunAsync(args[1..])
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);

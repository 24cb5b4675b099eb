using Looper.Benchmarks;

return args is ["golden", .. var rest] ? GoldenCommand.Run(rest) : Usage();

static int Usage()
{
    Console.Error.WriteLine("Looper.Benchmarks golden --cases FILE --out FILE");
    return 2;
}

using Looper.Benchmarks;

return args switch
{
    ["golden", .. var rest] => GoldenCommand.Run(rest),
    ["learning", .. var rest] => LearningCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Looper.Benchmarks golden --cases FILE --out FILE");
    Console.Error.WriteLine("Looper.Benchmarks learning --data DIR --trees N --leaves N --threads N");
    return 2;
}

using Looper.Benchmarks;
using Looper.Benchmarks.Journal;

return args switch
{
    ["golden", .. var rest] => GoldenCommand.Run(rest),
    ["learning", .. var rest] => LearningCommand.Run(rest),
    ["journal", .. var rest] => await JournalCommand.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Looper.Benchmarks golden --cases FILE --out FILE");
    Console.Error.WriteLine("Looper.Benchmarks learning --data DIR --trees N --leaves N --threads N");
    Console.Error.WriteLine(JournalCommand.Usage);
    return 2;
}

using Looper.Benchmarks;
using Looper.Benchmarks.Journal;
using Looper.Benchmarks.Serving;

return args switch
{
    ["golden", .. var rest] => GoldenCommand.Run(rest),
    ["learning", .. var rest] => LearningCommand.Run(rest),
    ["journal", .. var rest] => await JournalCommand.RunAsync(rest),
    ["scoring", ..] => ScoringCommand.Run(),
    ["decide", ..] => DecideCommand.Run(),
    ["http", .. var rest] => await HttpCommand.RunAsync(rest),
    ["inprocess", .. var rest] => await InProcessCommand.RunAsync(rest),
    ["shadow", .. var rest] => await ShadowCommand.RunAsync(rest),
    ["serve", .. var rest] => await ServeCommand.RunAsync(rest),
    ["tuning", "loop", .. var rest] => await LoopCommand.RunAsync(rest),
    ["tuning", .. var rest] => TuningCommand.Run(rest),
    ["bandits", .. var rest] => BanditCommand.Run(rest),
    ["effects", .. var rest] => EffectsCommand.Run(rest),
    ["observe", .. var rest] => await ObserveCommand.RunAsync(rest),
    ["start", .. var rest] => await StartCommand.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Looper.Benchmarks golden --cases FILE --out FILE");
    Console.Error.WriteLine("Looper.Benchmarks learning --data DIR --trees N --leaves N --threads N");
    Console.Error.WriteLine(JournalCommand.Usage);
    Console.Error.WriteLine("Looper.Benchmarks scoring | decide");
    Console.Error.WriteLine("Looper.Benchmarks http [--seconds N] [--rounds N] [--connections N] [--pin] [rules] [model] [batch]");
    Console.Error.WriteLine("Looper.Benchmarks inprocess [--rounds N] [--calls N]");
    Console.Error.WriteLine("Looper.Benchmarks shadow [--seconds N] [--rounds N]");
    Console.Error.WriteLine("Looper.Benchmarks serve [--port N]");
    Console.Error.WriteLine(TuningCommand.Usage);
    Console.Error.WriteLine(LoopCommand.Usage);
    Console.Error.WriteLine(BanditCommand.Usage);
    Console.Error.WriteLine(EffectsCommand.Usage);
    Console.Error.WriteLine("Looper.Benchmarks start [--points N] [--events N]");
    Console.Error.WriteLine("Looper.Benchmarks observe [--connections N] [--seconds N] [--rounds N]");
    return 2;
}

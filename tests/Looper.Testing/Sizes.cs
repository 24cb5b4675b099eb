namespace Looper.Testing;

/// <summary>How large each fault test and each simulation is; no test has a constant of its own. <c>LOOPER_TEST_LONG=1</c> takes the long sizes.</summary>
public static class Sizes
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("LOOPER_TEST_LONG") == "1";

    /// <summary>Seed of the randomised tests: <c>LOOPER_TEST_SEED</c>, or a fixed one.</summary>
    public static long Seed { get; } = long.TryParse(Environment.GetEnvironmentVariable("LOOPER_TEST_SEED"), out var seed) ? seed : 20_261_122;

    public static int R1Kills => IsLong ? 1_000 : 15;
    public static int R2Cuts => IsLong ? 10_000 : 300;
    public static int R3OverHttp => IsLong ? 2_000 : 60;
    public static int R5Cuts => IsLong ? 20 : 2;
    public static int R5Kills => IsLong ? 20 : 1;
    public static TimeSpan R5Outage => TimeSpan.FromSeconds(IsLong ? 60 : 3);
    public static int R7Ids => IsLong ? 10_000 : 500;
    public static int R10Jumps => IsLong ? 1_000 : 50;
    public static int R11KillsPerPhase => IsLong ? 10 : 1;
    public static int ImportedRows => IsLong ? 1_000_000 : 40_000;
    public static int R15Backups => IsLong ? 20 : 2;
    public static int R11Moments => IsLong ? 40 : 4;
    public static int R16Rows => IsLong ? 2_000_000 : 30_000;
    public static TimeSpan R17Measuring => TimeSpan.FromSeconds(IsLong ? 20 : 2);

    /// <summary>What is asked for against what can be done. On a push all that the senders can: a neighbour that ends meanwhile makes the server several times as fast.</summary>
    public static double R17Times => IsLong ? 3 : double.PositiveInfinity;
    public static TimeSpan R17Overload => TimeSpan.FromSeconds(IsLong ? 60 : 4);
    public static int R17Parts => IsLong ? 5 : 1;
    public static TimeSpan Swapping => TimeSpan.FromSeconds(IsLong ? 60 : 4);
    public static int TuningSeeds => IsLong ? 20 : 5;
    public static int ClosedLoops => IsLong ? 20 : 1;
    public static int BanditSeeds => IsLong ? 20 : 3;
    public static int LiveFalls => IsLong ? 20 : 6;
    public static int R21Stops => IsLong ? 100 : 5;

    public static int R19Seeds => IsLong ? 1_000 : 10;

    /// <summary>Simulated experiments behind a coverage of intervals.</summary>
    public static int Coverage => IsLong ? 10_000 : 600;

    /// <summary>Simulated A/A experiments behind a rate of false positives.</summary>
    public static int FalsePositives => IsLong ? 2_000 : 400;

    /// <summary>Whole experiments, from lot to report, behind the coverage of a design.</summary>
    public static int Designs => IsLong ? 2_000 : 100;

    /// <summary>Simulations a claim of coverage or false alarms about effects rests on.</summary>
    public static int EffectSimulations => IsLong ? 500 : 40;

    /// <summary>Simulations without any difference of effects.</summary>
    public static int NullSimulations => IsLong ? 200 : 20;

    /// <summary>The first of them, so that an hour of them can be run in parts: <c>LOOPER_TEST_FIRST</c>.</summary>
    public static int FirstNull { get; } = int.TryParse(Environment.GetEnvironmentVariable("LOOPER_TEST_FIRST"), out var first) ? first : 0;

    /// <summary>Simulated logs that the coverage of a policy's value, and its refusal, rest on.</summary>
    public static int PolicyLogs => IsLong ? 500 : 24;

    /// <summary>Units of a log of which one decision in twenty explored.</summary>
    public static int ExploringUnits => IsLong ? 8_000 : 4_000;

    /// <summary>Logs of each classification set that a reward model is fitted on.</summary>
    public static int ModelledLogs => IsLong ? 20 : 1;

    /// <summary>Runs of each of the 24 published set-ups, sizes and noises.</summary>
    public static int PublishedRuns => IsLong ? 5 : 1;

    /// <summary>Runs of a set-up with known effects.</summary>
    public static int EffectRuns => IsLong ? 20 : 1;
}

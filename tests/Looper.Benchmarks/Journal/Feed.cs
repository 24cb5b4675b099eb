using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Journal;

/// <summary>Events as an application sends them: ids in time order, five decisions a unit, ten features, outcomes that name their decision.</summary>
internal static class Feed
{
    private const int Batch = 1_000;
    private static readonly string[] s_outcomes = ["purchase", "revenue", "clicks"];
    private static readonly DateTimeOffset s_start = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    public static Guid Point(int number = 0) => new(0x019aa000, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, (byte)(number >> 8), (byte)number);

    /// <summary>The experiment of fillings that have one.</summary>
    public static Guid Experiment { get; } = new(0x019aa001, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);

    /// <summary>Decisions a unit makes in an experiment.</summary>
    public const int PerUnit = 10;

    /// <summary>The same decision as part of an experiment with two arms.</summary>
    public static DecisionRecord Exposed(long number)
    {
        var unit = Scatter(number / PerUnit);
        return Decision(number) with { Unit = $"user-{unit:x12}", ExperimentId = Experiment, Arm = (int)(unit >> 7 & 1), Reason = Reason.Experiment };
    }

    /// <param name="number">From 0; the same number is the same decision. A millisecond apart.</param>
    public static DecisionRecord Decision(long number, int points = 1) => new()
    {
        Id = IdOf(number),
        DecisionPointId = Point((int)(number % points)),
        Unit = $"user-{Scatter(number / 5):x12}",
        Time = s_start.AddMilliseconds(number),
        BlueprintVersion = 3,
        Option = (int)(number % 3),
        Propensity = 1.0 / 3,
        Reason = Reason.Policy,
        ModelNumber = 7,
        Served = Row(number),
        Scores = [0.1, 0.2, 0.3],
        RequestHash = (ulong)Scatter(number),
    };

    /// <param name="derived">The id as the API makes it where the caller gave none; else a random one, as the worst caller's.</param>
    public static ObservationRecord Observation(long decision, int outcome, bool derived = true)
    {
        var name = s_outcomes[outcome % s_outcomes.Length];
        var time = s_start.AddMilliseconds(decision + 1_000);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{decision}|{outcome}"), hash);
        var id = Convert.ToHexStringLower(hash[..16]);
        return new()
        {
            Id = derived ? $"#{id[..16]}" : id,
            DecisionId = IdOf(decision),
            Outcome = name,
            Value = outcome == 1 ? decision % 97 * 0.5 : 1,
            Time = time,
            ReceivedAt = time,
            RequestHash = BitConverter.ToUInt64(hash[16..]),
        };
    }

    /// <summary>Every decision with its outcomes, in batches.</summary>
    /// <returns>Seconds it took.</returns>
    public static async Task<double> FillAsync(string directory, long decisions, int outcomes, int points, bool isExperiment = false)
    {
        Directory.CreateDirectory(directory);
        var started = Stopwatch.GetTimestamp();
        await using (var open = new OpenJournal(directory))
        {
            var first = open.Activity.Of(Point()).Decisions * points;
            for (var from = first; from < decisions; from += Batch)
            {
                var count = (int)Math.Min(Batch, decisions - from);
                var kept = open.Journal.AppendAsync([.. Enumerable.Range(0, count).Select(i => isExperiment ? Exposed(from + i) : Decision(from + i, points))], durable: false, default);
                if (outcomes > 0)
                    await open.Journal.AppendAsync([.. Enumerable.Range(0, count).Select(i => Calls(from + i, outcomes))], default);
                await kept;
            }
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public static ObservationRecord[] Calls(long decision, int outcomes, bool derived = true) => [.. Enumerable.Range(0, outcomes).Select(k => Observation(decision, k, derived))];

    private static string IdOf(long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(s_start.AddMilliseconds(number)).TryWriteBytes(bytes, bigEndian: true, out _);
        BitConverter.TryWriteBytes(bytes[8..], Scatter(number));
        bytes[6] = 0x70;
        bytes[7] = 0;
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static byte[] Row(long number)
    {
        var row = new byte[256];
        var length = 0;
        for (var i = 0; i < 7; i++) length += ServedRow.WriteNumber(row.AsSpan(length), number % (i + 11) * 1.5);
        length += ServedRow.WriteText(row.AsSpan(length), "NL"u8);
        length += ServedRow.WriteText(row.AsSpan(length), "mobile"u8);
        length += ServedRow.WriteMissing(row.AsSpan(length));
        return row[..length];
    }

    // The finaliser of SplitMix64: neighbours land far apart, as hashed users do.
    private static long Scatter(long number)
    {
        var z = (ulong)number + 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (long)((z ^ (z >> 31)) & 0xFFFF_FFFF_FFFF);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>A report's sums as bytes, to the last bit.</summary>
internal static class ReportSumsFile
{
    private const byte Format = 3;

    public static byte[] Write(ReportSums sums)
    {
        using var bytes = new MemoryStream();
        using var file = new BinaryWriter(bytes);
        file.Write(Format);
        file.Write(sums.Units.Length);
        foreach (var units in sums.Units) file.Write(units);
        file.Write(JsonSerializer.Serialize(sums.Features, ExperimentJson.ReportOptions));
        file.Write(sums.Metrics.Length);
        foreach (var metric in sums.Metrics) Write(file, metric);
        file.Write(sums.Overlaps.Length);
        foreach (var overlap in sums.Overlaps) Write(file, overlap);
        file.Flush();
        return bytes.ToArray();
    }

    /// <returns>Null where another version of Looper wrote it.</returns>
    public static ReportSums? Read(byte[] stored)
    {
        using var file = new BinaryReader(new MemoryStream(stored));
        if (file.ReadByte() != Format) return null;
        var units = new long[file.ReadInt32()];
        for (var i = 0; i < units.Length; i++) units[i] = file.ReadInt64();
        var features = JsonSerializer.Deserialize<ImmutableArray<SegmentedFeature>>(file.ReadString(), ExperimentJson.ReportOptions);
        var metrics = Many(file, () => ReadMetric(file, units.Length));
        return new() { Units = [.. units], Features = features, Metrics = [.. metrics], Overlaps = [.. Many(file, () => ReadOverlap(file, units.Length))] };
    }

    private static void Write(BinaryWriter file, OverlapSums overlap)
    {
        file.Write(overlap.Experiment);
        file.Write(overlap.Arms.Length);
        foreach (var arm in overlap.Arms) file.Write(arm);
        foreach (var units in overlap.Units) file.Write(units);
        file.Write(overlap.Cells.Length);
        foreach (var moments in overlap.Cells.SelectMany(c => c)) Write(file, moments);
    }

    private static OverlapSums ReadOverlap(BinaryReader file, int arms)
    {
        var (experiment, there) = (file.ReadString(), Many(file, file.ReadString));
        return new(experiment, [.. there], Times(arms * there.Length, file.ReadDouble), Many(file, () => Times(arms * there.Length, () => ReadMoments(file))));
    }

    private static void Write(BinaryWriter file, MetricSums sums)
    {
        file.Write(JsonSerializer.Serialize(sums.Spec, ExperimentJson.ReportOptions));
        file.Write(sums.Cap);
        foreach (var arm in sums.Arms)
        {
            Write(file, arm.Values);
            Write(file, arm.Joint);
            file.Write(arm.Open);
            file.Write(arm.Unknown);
            file.Write(arm.Capped);
            file.Write((int)arm.Why);
            file.Write(arm.Largest);
            file.Write(arm.Total);
        }

        var days = sums.Days.Days.ToList();
        file.Write(sums.Days.Width);
        file.Write(sums.Days.IsRatio);
        file.Write(days.Count);
        foreach (var (day, arms) in days)
        {
            file.Write(day);
            foreach (var cell in arms)
            {
                Write(file, cell.Raw.Values);
                Write(file, cell.Raw.Joint);
            }
        }

        file.Write(sums.Epochs.Length);
        foreach (var moments in sums.Epochs.SelectMany(e => e)) Write(file, moments);
        file.Write(sums.Adaptive.Length > 0);
        foreach (var pair in sums.Adaptive.SelectMany(row => row)) Write(file, pair);
        file.Write(sums.Segments.Length);
        foreach (var feature in sums.Segments)
        {
            file.Write(feature.Length);
            foreach (var moments in feature.SelectMany(s => s)) Write(file, moments);
        }

        file.Write(sums.Samples is not null);
        sums.Samples?.Write(file);
        file.Write(sums.Stages.Length);
        foreach (var stages in sums.Stages) Write(file, stages);
    }

    private static MetricSums ReadMetric(BinaryReader file, int arms)
    {
        var spec = JsonSerializer.Deserialize<MetricSpec>(file.ReadString(), ExperimentJson.ReportOptions) ?? throw new JsonException("A stored metric is empty.");
        var cap = file.ReadDouble();
        var sums = Times(arms, () =>
            new ArmSums(ReadMoments(file), ReadJoint(file), file.ReadInt64(), file.ReadInt64(), file.ReadInt64()) { Why = (Cause)file.ReadInt32(), Largest = file.ReadDouble(), Total = file.ReadDouble() });
        var days = new DayMoments(arms, file.ReadInt32(), file.ReadBoolean());
        for (var left = file.ReadInt32(); left > 0; left--)
            days.Put(file.ReadInt32(), Times(arms, () => new DayCell(ReadMoments(file), ReadJoint(file), days.IsRatio)));
        return new(spec, [.. sums], cap, days)
        {
            Epochs = [.. Many(file, () => Times(arms, () => ReadMoments(file)))],
            Adaptive = file.ReadBoolean() ? [.. Times(arms, () => Times(arms, () => ReadPair(file)))] : [],
            Segments = Many(file, () => Many(file, () => Times(arms, () => ReadMoments(file)))),
            Samples = file.ReadBoolean() ? SampleSums.Read(file) : null,
            Stages = [.. Many(file, () => ReadJoint(file))],
        };
    }

    private static void Write(BinaryWriter file, in Moments moments)
    {
        file.Write(moments.Count);
        file.Write(moments.Mean);
        file.Write(moments.M2);
        file.Write(moments.M3);
    }

    private static Moments ReadMoments(BinaryReader file) => new(file.ReadDouble(), file.ReadDouble(), file.ReadDouble(), file.ReadDouble());

    private static void Write(BinaryWriter file, JointMoments joint)
    {
        file.Write(joint.Width);
        file.Write(joint.Count);
        for (var i = 0; i < joint.Width; i++) file.Write(joint.Mean(i));
        for (var i = 0; i < joint.Width; i++)
            for (var j = 0; j <= i; j++) file.Write(joint.Products(i, j));
    }

    private static JointMoments ReadJoint(BinaryReader file)
    {
        var width = file.ReadInt32();
        var count = file.ReadDouble();
        var means = Times(width, file.ReadDouble);
        return JointMoments.Of(count, means, Times(width * (width + 1) / 2, file.ReadDouble));
    }

    private static void Write(BinaryWriter file, AdaptiveEffect pair)
    {
        foreach (var summary in new[] { pair.Control, pair.Treatment })
        {
            file.Write(summary.Units);
            file.Write(summary.Value);
            file.Write(summary.Variance);
            file.Write((int)summary.Why);
        }

        file.Write(pair.Difference.Value);
        file.Write(pair.Difference.StandardError);
        file.Write(pair.Difference.DegreesOfFreedom);
        file.Write(pair.Difference.Units);
        file.Write((int)pair.Difference.Why);
    }

    private static AdaptiveEffect ReadPair(BinaryReader file)
    {
        MetricSummary Summary() => new(file.ReadDouble(), file.ReadDouble(), file.ReadDouble(), (Cause)file.ReadInt32());
        return new(Summary(), Summary(), new(Scale.Absolute, file.ReadDouble(), file.ReadDouble(), file.ReadDouble(), file.ReadDouble(), AdaptivePair.Method, (Cause)file.ReadInt32()));
    }

    private static T[] Many<T>(BinaryReader file, Func<T> read) => Times(file.ReadInt32(), read);

    private static T[] Times<T>(int count, Func<T> read)
    {
        var items = new T[count];
        for (var i = 0; i < count; i++) items[i] = read();
        return items;
    }
}

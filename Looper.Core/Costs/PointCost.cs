using Looper.Core.Metering;

namespace Looper.Core.Costs;

/// <summary>Adds up what one decision point, or one week, took.</summary>
internal sealed class PointCost
{
    private const double NanosecondsInSecond = 1e9;
    private readonly double[] _seconds = new double[4];
    private double? _features;

    public long Decisions { get; private set; }
    public long Outcomes { get; private set; }
    public long Bytes { get; private set; }
    public double GigabyteMonths { get; private set; }

    public ProcessorSeconds Seconds => new(_seconds[(int)WorkKind.Serving], _seconds[(int)WorkKind.Storage], _seconds[(int)WorkKind.Training], _seconds[(int)WorkKind.Analysis]);

    /// <param name="featuresPerThousand">On that day.</param>
    public void Add(WorkDay row, double? featuresPerThousand)
    {
        _seconds[(int)row.Kind] += row.Nanoseconds / NanosecondsInSecond;
        (Decisions, Outcomes, Bytes) = (Decisions + row.Decisions, Outcomes + row.Outcomes, Bytes + row.Bytes);
        if (featuresPerThousand is { } cost && row.Decisions > 0) _features = (_features ?? 0) + cost * row.Decisions / 1_000;
    }

    public void Keep(double gigabyteMonths) => GigabyteMonths += gigabyteMonths;

    public Amounts Amounts(Prices prices) => new(_features, prices.ProcessorHour * Seconds.Total / 3_600, prices.GigabyteMonth * GigabyteMonths);
}

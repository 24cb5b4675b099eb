namespace Looper.Core.Experiments;

/// <summary>What kind of number an experiment is planned for.</summary>
public enum DesignKind
{
    Mean,
    Proportion,
    Ratio,
}

/// <summary>A planned comparison, and what one wants to know of it: leave out <see cref="Units"/> to learn how many it takes.</summary>
public sealed record DesignQuestion
{
    public DesignKind Kind { get; init; } = DesignKind.Proportion;

    /// <summary>The metric without the change: a mean, a share in (0, 1), or a ratio.</summary>
    public double Baseline { get; init; } = double.NaN;

    /// <summary>Standard deviation of one unit's value (of a ratio, of its linearised value); not read for a proportion.</summary>
    public double? Deviation { get; init; }

    /// <summary>True change, as a fraction of the baseline: the smallest worth acting on. With a margin, what it is believed to be (0: none).</summary>
    public double Change { get; init; } = 0.03;

    /// <summary>Non-inferiority: how much worse, as a fraction of the baseline, is still acceptable; null asks for a difference.</summary>
    public double? Margin { get; init; }

    /// <summary>Arms, the baseline among them. Each other one is compared with it, and the error level is divided among them.</summary>
    public int Arms { get; init; } = 2;

    /// <summary>Share of all units in the baseline arm; null shares equally. The other arms share the rest.</summary>
    public double? BaselineShare { get; init; }

    public double Level { get; init; } = 0.95;

    public double Power { get; init; } = 0.8;

    /// <summary>Sequential or fixed.</summary>
    public ReadingKind Reading { get; init; } = ReadingKind.Sequential;

    /// <summary>Share of variance that covariates will take away, in [0, 1).</summary>
    public double VarianceSaved { get; init; }

    /// <summary>Units of all arms at the planned end; null asks for it.</summary>
    public double? Units { get; init; }

    /// <summary>New units a day, for the duration; null leaves it open.</summary>
    public double? UnitsPerDay { get; init; }

    /// <summary>How the number of distinct units grows with the days, n(t) = n(1)·t^B: 1 where every day brings new ones.</summary>
    public double Growth { get; init; } = 1;
}

/// <summary>The answer, from whichever side was asked.</summary>
/// <param name="Units">Units of all arms: as asked, or as many as it takes.</param>
/// <param name="UnitsInBaseline">Of them in the baseline arm.</param>
/// <param name="UnitsPerArm">Of them in each other arm.</param>
/// <param name="Power">Chance of finding the change with these units.</param>
/// <param name="SmallestChange">Change, as a fraction of the baseline, found with the power wanted; for non-inferiority the smallest margin.</param>
/// <param name="StopsAfter">Sequential: mean share of the units after which the change is found; 1 otherwise.</param>
/// <param name="Days">Whole weeks until the units have come; NaN without a pace, infinite where they never come.</param>
/// <param name="Sentence">The answer in words.</param>
/// <param name="Method">How it was computed, with version.</param>
public sealed record DesignAnswer(
    double Units, double UnitsInBaseline, double UnitsPerArm, double Power, double SmallestChange, double StopsAfter, double Days, string Sentence, string Method);

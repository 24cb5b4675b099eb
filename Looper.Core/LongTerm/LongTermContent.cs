using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Personalization;

namespace Looper.Core.LongTerm;

/// <summary>What an experiment will have done to something that takes long to be known, predicted from early outcomes. Changes are treatment − first arm, in the metric’s own unit and
/// direction. Undefined numbers are NaN, null in JSON, and never 0.</summary>
public sealed record LongTermContent
{
    /// <summary>Grows when the meaning of a field changes.</summary>
    public int Format { get; init; } = 1;

    public required LongTermSettings Settings { get; init; }

    public required PastUnits History { get; init; }

    public required ImmutableArray<LongTermArm> Arms { get; init; }

    /// <summary>One per treatment, against the first arm.</summary>
    public required ImmutableArray<LongTermEffect> Effects { get; init; }

    /// <summary>The same prediction on earlier experiments of the decision point, beside what came of them.</summary>
    public ImmutableArray<BackTest> BackTests { get; init; } = [];

    /// <summary>Earlier experiments that it could not be tested on, and why.</summary>
    public ImmutableArray<Untested> Untested { get; init; } = [];

    /// <summary>Units whose early outcomes are not all known yet.</summary>
    public long Waiting { get; init; }

    /// <summary>Units that the metric is none of, or whose first answer was forced or no arm.</summary>
    public long LeftOut { get; init; }

    /// <summary>Share of the units that are used: of more than memory has room for, as many as are drawn by a hash of their names.</summary>
    public double UnitsShare { get; init; } = 1;

    public static string Write(LongTermContent content) => JsonSerializer.Serialize(content, ExperimentJson.ReportOptions);

    /// <summary>One that Looper itself stored.</summary>
    /// <exception cref="JsonException">The stored text is none.</exception>
    public static LongTermContent Read(string json) =>
        JsonSerializer.Deserialize<LongTermContent>(json, ExperimentJson.ReportOptions) ?? throw new JsonException("The stored prediction is empty.");
}

/// <summary>Everything it was made from, besides the events themselves.</summary>
public sealed record LongTermSettings
{
    /// <summary>Version of the whole analysis; a change of any default or method raises it.</summary>
    public const string Version = "long-term-1";

    public string Analysis { get; init; } = Version;
    public required LongTermInput Input { get; init; }
    public required string Experiment { get; init; }
    public required string DecisionPoint { get; init; }

    /// <summary>Version whose features and outcomes count.</summary>
    public required int BlueprintVersion { get; init; }

    /// <summary>The moment at which windows counted as open or closed, and events as arrived.</summary>
    public required DateTimeOffset DataUntil { get; init; }

    public required string Definition { get; init; }

    /// <summary>How long after a unit’s first decision the metric is known.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>The metric is a share: changes are differences of shares.</summary>
    public required bool IsRate { get; init; }

    public string? UnitOfMeasure { get; init; }
    public required bool LowerIsBetter { get; init; }

    /// <summary>Larger values of the metric were cut here; NaN where nothing was.</summary>
    public double Cap { get; init; } = double.NaN;

    public double Level { get; init; } = 0.95;
    public bool IsSimulated { get; init; }

    /// <summary>Early outcomes and features that it is predicted from.</summary>
    public ImmutableArray<string> Early { get; init; } = [];

    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Early outcomes and features that it is not, and why.</summary>
    public ImmutableArray<LeftOutFeature> LeftOut { get; init; } = [];
}

/// <summary>What it was learned from: units whose first decision, and all of the metric’s time, lay before the experiment.</summary>
/// <param name="Units">Units learned from.</param>
/// <param name="Share">Share of the units there were that this is.</param>
/// <param name="Explained">R² of the metric from early outcomes and features, on units not learned from; NaN where undefined.</param>
/// <param name="ExplainedByFeatures">The same from features alone.</param>
public sealed record PastUnits(DateTimeOffset From, DateTimeOffset Until, long Units, double Share, double Explained, double ExplainedByFeatures)
{
    /// <summary>What early outcomes tell beyond what features do.</summary>
    [JsonIgnore]
    public double ExplainedByEarly => Explained - ExplainedByFeatures;

    /// <summary>Too few to learn from; then nothing is predicted.</summary>
    public Shortage? Shortage { get; init; }
}

/// <param name="Units">Units whose early outcomes are known.</param>
/// <param name="Known">Units whose metric is known too.</param>
/// <param name="Expected">Mean of what is expected of the units; NaN where nothing is predicted.</param>
/// <param name="Mean">Mean of the metric where it is known; NaN where it is nowhere.</param>
public sealed record LongTermArm(string Key, string Does, long Units, long Known, double Expected, double Mean);

/// <summary>A difference between two arms with its interval.</summary>
public sealed record LongTermChange(double Value, double Low, double High)
{
    /// <summary>The interval leaves 0 out.</summary>
    [JsonIgnore]
    public bool IsTold => Low > 0 || High < 0;

    internal static LongTermChange Of(AverageEffect effect, double level) => effect.At(level) is var i ? new(effect.Value, i.Low, i.High) : null!;
}

/// <summary>One treatment against the first arm.</summary>
/// <param name="Arm">Key of the treatment.</param>
/// <param name="Verdict">A plain sentence.</param>
public sealed record LongTermEffect(string Arm, string Verdict)
{
    /// <summary>Too few units to predict from; everything below is then empty.</summary>
    public Shortage? Shortage { get; init; }

    public LongTermChange? Predicted { get; init; }

    /// <summary>From the units whose metric is known, alone; null where under 100 of an arm are.</summary>
    public LongTermChange? Observed { get; init; }

    /// <summary>Observed less predicted on these units: 0 where early outcomes carry the whole effect.</summary>
    public LongTermChange? Unexplained { get; init; }

    /// <summary>Share of the history that it is worth once weighed to be like the units; NaN where nothing is predicted.</summary>
    public double Likeness { get; init; } = double.NaN;

    /// <summary>It may be decided on: a difference is told, earlier experiments came out as predicted, and nothing seen of this one speaks against it.</summary>
    public bool IsSound { get; init; }
}

/// <summary>One treatment of an earlier experiment: predicted from early outcomes as it would have been then, and what came of it.</summary>
/// <param name="Units">Units of both arms whose metric is known.</param>
/// <param name="Unexplained">Observed less predicted, on the same units.</param>
public sealed record BackTest(string Experiment, string Arm, long Units, LongTermChange Predicted, LongTermChange Observed, LongTermChange Unexplained)
{
    /// <summary>Observed and predicted differ by no more than chance.</summary>
    public bool Agrees => !Unexplained.IsTold;

    /// <summary>The prediction had the direction of what was observed; null where one of them has none that is told.</summary>
    public bool? HadDirection => Observed.IsTold && Predicted.IsTold ? Predicted.Value > 0 == Observed.Value > 0 : null;

    /// <summary>It could have come out otherwise: a direction was told, or a difference as large as a prediction would have been seen.</summary>
    /// <param name="predicted">The prediction that it is to test.</param>
    public bool CouldTell(LongTermChange predicted) => !Agrees || HadDirection is not null || Unexplained.High - Unexplained.Value <= Math.Abs(predicted.Value);
}

public sealed record Untested(string Experiment, string Why);

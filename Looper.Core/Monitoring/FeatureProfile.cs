using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Models;

namespace Looper.Core.Monitoring;

/// <summary>How the features of a decision point are spread over its newest decisions, and beside where its live models learned.</summary>
/// <param name="From">Decisions from here on.</param>
/// <param name="At">When it was counted.</param>
/// <param name="Decisions">Decisions in that time.</param>
/// <param name="Counted">The newest of them, which were read: at most 20,000.</param>
/// <param name="LeftOut">Of those, decisions of versions that cannot be compared with the current one (another shape or unit, or a feature of another type).</param>
/// <param name="Candidates">Candidates that came with the decisions counted; 0 where none do.</param>
/// <param name="CandidatesCounted">Of those, the ones read.</param>
/// <param name="CandidatesEach">Candidates read of one decision at most, spread evenly over its list.</param>
/// <param name="Features">In the blueprint's order, those of candidates last.</param>
public sealed record FeatureProfiles(
    string DecisionPointKey, int BlueprintVersion, DateTimeOffset From, DateTimeOffset At, long Decisions, long Counted, long LeftOut, long Candidates, long CandidatesCounted, int CandidatesEach,
    ImmutableArray<ProfiledModel> Models, ImmutableArray<FeatureProfile> Features);

/// <summary>A live model beside which features are shown.</summary>
/// <param name="DriftFrom">Drift looks at decisions from here on: of the last day, and newer than what the model learned from. Null where it kept no profile.</param>
/// <param name="Units">Units counted for it, each once.</param>
/// <param name="JudgedOn">Examples that importance was measured on, and those of the rarer answer among them; below 200 and 20 it is not shown.</param>
public sealed record ProfiledModel(int Number, string Outcome, PredictionTask Task, DateTimeOffset? DriftFrom, long Units, int JudgedOn, int JudgedOnRarer)
{
    public bool IsJudged => JudgedOn >= ModelQuality.EnoughRows && JudgedOnRarer >= ModelQuality.EnoughRarer;
}

/// <summary>How the values of one feature are spread. Shares are fractions. With fewer than 30 rows, or 30 known values, what rests on them is null.</summary>
/// <param name="Type">In words, with where it comes from.</param>
/// <param name="IsPersonal">Marked personal: none of its values, and nothing that tells one, is shown.</param>
/// <param name="Rows">Decisions, or candidates, of versions that have it.</param>
/// <param name="NotAsked">Those of versions that do not.</param>
/// <param name="Missing">Rows without a value.</param>
/// <param name="Unusable">Rows whose value does not fit the type; learned from and served as missing.</param>
public sealed record FeatureProfile(
    string Name, FeatureKind Kind, string Type, bool IsOfCandidates, bool IsDerived, bool IsPersonal, double? CostPerThousand, long Rows, long NotAsked, long Missing, long Unusable)
{
    /// <summary>Rows, or known values, from which on shares and figures are shown.</summary>
    public const int Fewest = 30;

    /// <summary>What to send so that a value fits; null for one that is derived.</summary>
    public string? Wanted { get; init; }

    public long Known => Rows - Missing - Unusable;

    public bool HasEnoughRows => Rows >= Fewest;

    public bool HasEnoughValues => Known >= Fewest;

    /// <summary>Share of rows with a usable value.</summary>
    public double Coverage => Share(Known);

    public double MissingShare => Share(Missing);

    public double UnusableShare => Share(Unusable);

    /// <summary>Different categories or tags; null for other types.</summary>
    public long? Distinct { get; init; }

    /// <summary>False where there are more than are told apart: then at least so many.</summary>
    public bool IsDistinctExact { get; init; } = true;

    /// <summary>Share of known values that are yes; of other types undefined.</summary>
    public double YesShare { get; init; } = double.NaN;

    /// <summary>Of numbers; of vectors the length, √Σx²; of tags how many a row has.</summary>
    public NumberSpread? Numbers { get; init; }

    public TimeSpread? Times { get; init; }

    /// <summary>The commonest categories or tags, at most 20. A row has several tags, so their shares may add up to more than 1.</summary>
    public ImmutableArray<LevelShare> Levels { get; init; } = [];

    /// <summary>Beside each live model, in the order of the models.</summary>
    public ImmutableArray<FeatureBeside> Beside { get; init; } = [];

    private double Share(long rows) => HasEnoughRows ? (double)rows / Rows : double.NaN;
}

/// <summary>Of the known values: quartiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996), standard deviation with divisor n − 1.</summary>
/// <param name="Zeros">Values that are exactly 0.</param>
/// <param name="Edges">Of bars of equal width between the lowest and the highest hundredth, one more than counts; what lies outside is in the first and the last.</param>
/// <param name="Counts">Values per bar.</param>
public sealed record NumberSpread(
    double Smallest, double LowerQuartile, double Median, double UpperQuartile, double Largest, double Mean, double StandardDeviation, long Zeros,
    ImmutableArray<double> Edges, ImmutableArray<int> Counts);

public sealed record TimeSpread(DateTimeOffset Earliest, DateTimeOffset Median, DateTimeOffset Latest);

/// <param name="Rows">Rows that have it.</param>
/// <param name="Share">Of the rows with a known value.</param>
public sealed record LevelShare(string Value, long Rows, double Share);

/// <summary>A feature beside a live model.</summary>
/// <param name="IsUsed">The model has a column of it.</param>
/// <param name="UnknownShare">Share of the known values, of tags each, that the model does not tell apart: to it they are missing. Undefined for other types than categories and tags.</param>
/// <param name="Drift">As alerts see it; null where it is not counted: for times, and where the model kept no profile.</param>
/// <param name="Bins">How units were spread where the model learned, and are now; empty with too few of them.</param>
/// <param name="Importance">Null where the model does not use it, or was judged on too little.</param>
/// <param name="Sentence">What the importance says, in words.</param>
public sealed record FeatureBeside(
    int Model, bool IsUsed, double UnknownShare, DriftFigure? Drift, ImmutableArray<ProfileBin> Bins, FeatureImportance? Importance, string? Sentence);

public enum ProfileBinKind
{
    /// <summary>Numbers above <see cref="ProfileBin.Above"/>, up to <see cref="ProfileBin.UpTo"/>; null has no end.</summary>
    Range,

    Level,

    /// <summary>All categories that are not named.</summary>
    Others,

    Missing,
}

/// <param name="Level">The category, or one tag of each unit's.</param>
/// <param name="Then">Share of units where the model learned.</param>
/// <param name="Now">Share of units now.</param>
public sealed record ProfileBin(ProfileBinKind Kind, string? Level, double Above, double UpTo, double Then, double Now);

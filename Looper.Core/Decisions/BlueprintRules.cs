using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Every rule a blueprint must keep to be published. Pure: all faults at once, each with field, reason and fix.</summary>
public static class BlueprintRules
{
    public const int MaxKey = 64;
    public const int MaxName = 80;
    public const int MaxDescription = 280;
    public const int MaxNote = 500;
    public const int MaxFeatures = 200;
    public const int MaxOutcomes = 20;
    public const int MaxOptions = 50;

    /// <summary>Empty when the content may be published.</summary>
    public static IReadOnlyList<Refusal> Check(BlueprintContent content) => throw new NotImplementedException();

    /// <summary>Key, name and description of a decision point.</summary>
    public static IReadOnlyList<Refusal> CheckNames(string key, string name, string? description) => throw new NotImplementedException();
}

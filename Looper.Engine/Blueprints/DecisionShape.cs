namespace Looper.Core.Blueprints;

/// <summary>What kind of answer a decision point gives.</summary>
public enum DecisionShape
{
    /// <summary>Yes or no. Its two options are <c>false</c> (index 0) and <c>true</c> (index 1).</summary>
    Binary,

    /// <summary>One of n fixed options.</summary>
    Choice,

    /// <summary>A predicted number.</summary>
    Value,

    /// <summary>One of the candidates that are sent with the call, each with features.</summary>
    Pick,

    /// <summary>The candidates that are sent with the call, in an order: the first places are what is shown.</summary>
    Ranking,

    /// <summary>A value for each of a set of named parameters.</summary>
    Configuration,
}

public static class DecisionShapes
{
    /// <summary>The one answer of such a shape that needs no prediction: the candidates in the order they were sent.</summary>
    public const string AsSent = "as-sent";

    /// <summary>The options come with the call.</summary>
    public static bool TakesCandidates(this DecisionShape shape) => shape is DecisionShape.Pick or DecisionShape.Ranking;

    /// <summary>The options stand in the blueprint.</summary>
    public static bool HasOptions(this DecisionShape shape) => shape is DecisionShape.Binary or DecisionShape.Choice;
}

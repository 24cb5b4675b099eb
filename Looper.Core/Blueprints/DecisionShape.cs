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
}

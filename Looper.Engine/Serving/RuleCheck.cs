using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>Whether an if/else rule can be served, asked before anything is published or started.</summary>
public static class RuleCheck
{
    /// <summary>The first fault, named from <paramref name="field"/> on; null when there is none.</summary>
    /// <param name="policy">The rule.</param>
    /// <param name="content">The blueprint whose features it reads and whose options it answers.</param>
    /// <param name="field">Where the policy stands: <c>policy</c>, <c>arms[1].policy</c>.</param>
    public static Refusal? Fault(TreePolicy policy, BlueprintContent content, string field)
    {
        var options = AnswerSet.Of(content);
        if (options.Refusal is { } none) return none;
        var answers = options.Value!;
        if (answers.Parse(content.Default) is not { } @default) return null; // said elsewhere
        if (Strategy.Compile(policy, answers, @default, content.Features).Refusal is not { } fault) return null;
        return new(fault.Code, Named(fault.Reason, field), Named(fault.Field ?? "policy", field));
    }

    private static string Named(string text, string field) => text.StartsWith("policy", StringComparison.Ordinal) ? field + text["policy".Length..] : text;
}

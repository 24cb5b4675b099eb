using Looper.Core;

namespace Looper.Web.Console.Shared;

/// <summary>Attributes that tie a control to its label, help and error.</summary>
public sealed record FieldIds(string Id, string? DescribedBy, bool IsInvalid)
{
    /// <summary>For <c>aria-invalid</c>.</summary>
    public string? Invalid => IsInvalid ? "true" : null;
}

/// <summary>Refusals of one form by the path of their field; what has no field stands in the summary alone.</summary>
public sealed class FieldErrors(params IEnumerable<Refusal> refusals)
{
    public static FieldErrors None { get; } = new();

    public IReadOnlyList<Refusal> All { get; } = [.. refusals];

    public bool Any => All.Count > 0;

    /// <summary>They were there when the form was opened: no answer to a press of its button, so they leave the focus where it is.</summary>
    public bool AreStanding { get; init; }

    /// <summary>The field by its name and what is wrong with it; a reason that begins with the name says it once.</summary>
    internal static (string? Name, string Reason) Parts(Refusal refusal) => refusal.Field is not { Length: > 0 } field ? (null, refusal.Reason)
        : refusal.Reason.StartsWith(field + ": ", StringComparison.OrdinalIgnoreCase) ? (refusal.Reason[..field.Length], refusal.Reason[(field.Length + 2)..])
        : (field, refusal.Reason);

    /// <summary>The reason at this field, or null.</summary>
    public string? this[string field] => All.FirstOrDefault(refusal => refusal.Field == field)?.Reason;
}

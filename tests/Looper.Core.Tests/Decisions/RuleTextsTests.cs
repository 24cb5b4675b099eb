using System.Reflection;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public class RuleTextsTests
{
    public static TheoryData<string> Names() => [.. Texts().Select(m => m.Name)];

    [Fact]
    public void There_are_at_least_thirty() => Assert.True(Texts().Count() >= 30);

    [Theory, MemberData(nameof(Names))]
    public void Every_text_names_the_field_the_reason_and_the_fix(string name)
    {
        var method = Texts().Single(m => m.Name == name);
        var refusal = (Refusal)method.Invoke(null, [.. method.GetParameters().Select(p => Argument(p.ParameterType))])!;
        Assert.Equal("blueprint.invalid", refusal.Code);
        Assert.False(string.IsNullOrEmpty(refusal.Field));
        var colon = refusal.Reason.IndexOf(": ", StringComparison.Ordinal);
        Assert.InRange(colon, 1, 60); // the field, in words
        Assert.EndsWith(".", refusal.Reason.TrimEnd('”', '?').TrimEnd('.') + ".");
        Assert.Matches("(?i)(use|write|choose|remove|rename|shorten|keep|add|correct|enter|give|type|say|swap|fill|set|make|did you mean|must have|must be|leave|change)", refusal.Reason[colon..]);
        Assert.DoesNotContain("!", refusal.Reason);
        Assert.DoesNotContain("please", refusal.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(refusal.Reason.Length, 30, 260);
    }

    private static IEnumerable<MethodInfo> Texts() =>
        typeof(RuleTexts).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.ReturnType == typeof(Refusal));

    private static object Argument(Type type) => type == typeof(int) ? 3 : type == typeof(double) ? 0.5 : "sample";
}

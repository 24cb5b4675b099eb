using Looper.Core.Learning;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class TypedRowTests
{
    [Theory, InlineData("interests"), InlineData("embedding")]
    public void A_list_with_half_a_character_is_refused_by_its_feature(string feature)
    {
        var columns = new[] { "interests", "interests[news]", "embedding[0]" }.Select(name => new Column(name, ColumnKind.Number, []));
        var read = TypedRow.Of([.. columns], new Dictionary<string, string> { [feature] = """["\ud83d"]""" });
        Assert.Equal(("feature.invalid", feature), (read.Refusal?.Code, read.Refusal?.Field));
    }
}

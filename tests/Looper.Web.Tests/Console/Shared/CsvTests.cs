using Looper.Web.Console.Shared;

namespace Looper.Web.Tests.Console.Shared;

public sealed class CsvTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+cmd", "'+cmd")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "'\tx")]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    public void Texts_are_quoted_and_never_a_formula(string text, string written) => Assert.Equal($"Name\r\n{written}\r\n", Csv.Write(["Name"], [[text]]));

    [Fact]
    public void Numbers_stay_numbers_and_undefined_ones_are_empty() =>
        Assert.Equal("A,B,C,D\r\n-3.5,12345,,\r\n", Csv.Write(["A", "B", "C", "D"], [[-3.5, 12345L, double.NaN, null]]));
}

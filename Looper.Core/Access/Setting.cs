namespace Looper.Core.Access;

/// <summary>A named value of the installation.</summary>
public sealed class Setting
{
    public string Key { get; init; } = "";
    public string Value { get; set; } = "";
    public long Revision { get; set; }
}

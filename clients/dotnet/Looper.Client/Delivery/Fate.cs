namespace Looper.Client.Delivery;

/// <summary>What came of sending a parcel.</summary>
internal enum Fate
{
    Delivered,

    /// <summary>It goes on waiting.</summary>
    Kept,

    /// <summary>It is dropped: Looper will never take it.</summary>
    Refused,
}

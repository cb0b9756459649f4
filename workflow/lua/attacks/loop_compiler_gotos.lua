-- A source that is slow to compile: thousands of gotos and labels.
-- expect: E_LUA_SYNTAX E_LUA_TIME
function run(item)
goto l0
goto l1
goto l2
goto l3
goto l4
goto l5
goto l6
goto l7
goto l8
goto l9
goto l10
goto l11
goto l12
goto l13
goto l14
goto l15
goto l16
goto l17
goto l18
goto l19
goto l20
goto l21
goto l22
goto l23
goto l24
goto l25
goto l26
goto l27
goto l28
goto l29
goto l30
goto l31
goto l32
goto l33
goto l34
goto l35
goto l36
goto l37
goto l38
goto l39
goto l40
goto l41
goto l42
goto l43
goto l44
goto l45
goto l46
goto l47
goto l48
goto l49
goto l50
goto l51
goto l52
goto l53
goto l54
goto l55
goto l56
goto l57
goto l58
goto l59
goto l60
goto l61
goto l62
goto l63
goto l64
goto l65
goto l66
goto l67
goto l68
goto l69
goto l70
goto l71
goto l72
goto l73
goto l74
goto l75
goto l76
goto l77
goto l78
goto l79
goto l80
goto l81
goto l82
goto l83
goto l84
goto l85
goto l86
goto l87
goto l88
goto l89
goto l90
goto l91
goto l92
goto l93
goto l94
goto l95
goto l96
goto l97
goto l98
goto l99
goto l100
goto l101
goto l102
goto l103
goto l104
goto l105
goto l106
goto l107
goto l108
goto l109
goto l110
goto l111
goto l112
goto l113
goto l114
goto l115
goto l116
goto l117
goto l118
goto l119
goto l120
goto l121
goto l122
goto l123
goto l124
goto l125
goto l126
goto l127
goto l128
goto l129
goto l130
goto l131
goto l132
goto l133
goto l134
goto l135
goto l136
goto l137
goto l138
goto l139
goto l140
goto l141
goto l142
goto l143
goto l144
goto l145
goto l146
goto l147
goto l148
goto l149
goto l150
goto l151
goto l152
goto l153
goto l154
goto l155
goto l156
goto l157
goto l158
goto l159
goto l160
goto l161
goto l162
goto l163
goto l164
goto l165
goto l166
goto l167
goto l168
goto l169
goto l170
goto l171
goto l172
goto l173
goto l174
goto l175
goto l176
goto l177
goto l178
goto l179
goto l180
goto l181
goto l182
goto l183
goto l184
goto l185
goto l186
goto l187
goto l188
goto l189
goto l190
goto l191
goto l192
goto l193
goto l194
goto l195
goto l196
goto l197
goto l198
goto l199
goto l200
goto l201
goto l202
goto l203
goto l204
goto l205
goto l206
goto l207
goto l208
goto l209
goto l210
goto l211
goto l212
goto l213
goto l214
goto l215
goto l216
goto l217
goto l218
goto l219
goto l220
goto l221
goto l222
goto l223
goto l224
goto l225
goto l226
goto l227
goto l228
goto l229
goto l230
goto l231
goto l232
goto l233
goto l234
goto l235
goto l236
goto l237
goto l238
goto l239
goto l240
goto l241
goto l242
goto l243
goto l244
goto l245
goto l246
goto l247
goto l248
goto l249
goto l250
goto l251
goto l252
goto l253
goto l254
goto l255
goto l256
goto l257
goto l258
goto l259
goto l260
goto l261
goto l262
goto l263
goto l264
goto l265
goto l266
goto l267
goto l268
goto l269
goto l270
goto l271
goto l272
goto l273
goto l274
goto l275
goto l276
goto l277
goto l278
goto l279
goto l280
goto l281
goto l282
goto l283
goto l284
goto l285
goto l286
goto l287
goto l288
goto l289
goto l290
goto l291
goto l292
goto l293
goto l294
goto l295
goto l296
goto l297
goto l298
goto l299
goto l300
goto l301
goto l302
goto l303
goto l304
goto l305
goto l306
goto l307
goto l308
goto l309
goto l310
goto l311
goto l312
goto l313
goto l314
goto l315
goto l316
goto l317
goto l318
goto l319
goto l320
goto l321
goto l322
goto l323
goto l324
goto l325
goto l326
goto l327
goto l328
goto l329
goto l330
goto l331
goto l332
goto l333
goto l334
goto l335
goto l336
goto l337
goto l338
goto l339
goto l340
goto l341
goto l342
goto l343
goto l344
goto l345
goto l346
goto l347
goto l348
goto l349
goto l350
goto l351
goto l352
goto l353
goto l354
goto l355
goto l356
goto l357
goto l358
goto l359
goto l360
goto l361
goto l362
goto l363
goto l364
goto l365
goto l366
goto l367
goto l368
goto l369
goto l370
goto l371
goto l372
goto l373
goto l374
goto l375
goto l376
goto l377
goto l378
goto l379
goto l380
goto l381
goto l382
goto l383
goto l384
goto l385
goto l386
goto l387
goto l388
goto l389
goto l390
goto l391
goto l392
goto l393
goto l394
goto l395
goto l396
goto l397
goto l398
goto l399
goto l400
goto l401
goto l402
goto l403
goto l404
goto l405
goto l406
goto l407
goto l408
goto l409
goto l410
goto l411
goto l412
goto l413
goto l414
goto l415
goto l416
goto l417
goto l418
goto l419
goto l420
goto l421
goto l422
goto l423
goto l424
goto l425
goto l426
goto l427
goto l428
goto l429
goto l430
goto l431
goto l432
goto l433
goto l434
goto l435
goto l436
goto l437
goto l438
goto l439
goto l440
goto l441
goto l442
goto l443
goto l444
goto l445
goto l446
goto l447
goto l448
goto l449
goto l450
goto l451
goto l452
goto l453
goto l454
goto l455
goto l456
goto l457
goto l458
goto l459
goto l460
goto l461
goto l462
goto l463
goto l464
goto l465
goto l466
goto l467
goto l468
goto l469
goto l470
goto l471
goto l472
goto l473
goto l474
goto l475
goto l476
goto l477
goto l478
goto l479
goto l480
goto l481
goto l482
goto l483
goto l484
goto l485
goto l486
goto l487
goto l488
goto l489
goto l490
goto l491
goto l492
goto l493
goto l494
goto l495
goto l496
goto l497
goto l498
goto l499
goto l500
goto l501
goto l502
goto l503
goto l504
goto l505
goto l506
goto l507
goto l508
goto l509
goto l510
goto l511
goto l512
goto l513
goto l514
goto l515
goto l516
goto l517
goto l518
goto l519
goto l520
goto l521
goto l522
goto l523
goto l524
goto l525
goto l526
goto l527
goto l528
goto l529
goto l530
goto l531
goto l532
goto l533
goto l534
goto l535
goto l536
goto l537
goto l538
goto l539
goto l540
goto l541
goto l542
goto l543
goto l544
goto l545
goto l546
goto l547
goto l548
goto l549
goto l550
goto l551
goto l552
goto l553
goto l554
goto l555
goto l556
goto l557
goto l558
goto l559
goto l560
goto l561
goto l562
goto l563
goto l564
goto l565
goto l566
goto l567
goto l568
goto l569
goto l570
goto l571
goto l572
goto l573
goto l574
goto l575
goto l576
goto l577
goto l578
goto l579
goto l580
goto l581
goto l582
goto l583
goto l584
goto l585
goto l586
goto l587
goto l588
goto l589
goto l590
goto l591
goto l592
goto l593
goto l594
goto l595
goto l596
goto l597
goto l598
goto l599
goto l600
goto l601
goto l602
goto l603
goto l604
goto l605
goto l606
goto l607
goto l608
goto l609
goto l610
goto l611
goto l612
goto l613
goto l614
goto l615
goto l616
goto l617
goto l618
goto l619
goto l620
goto l621
goto l622
goto l623
goto l624
goto l625
goto l626
goto l627
goto l628
goto l629
goto l630
goto l631
goto l632
goto l633
goto l634
goto l635
goto l636
goto l637
goto l638
goto l639
goto l640
goto l641
goto l642
goto l643
goto l644
goto l645
goto l646
goto l647
goto l648
goto l649
goto l650
goto l651
goto l652
goto l653
goto l654
goto l655
goto l656
goto l657
goto l658
goto l659
goto l660
goto l661
goto l662
goto l663
goto l664
goto l665
goto l666
goto l667
goto l668
goto l669
goto l670
goto l671
goto l672
goto l673
goto l674
goto l675
goto l676
goto l677
goto l678
goto l679
goto l680
goto l681
goto l682
goto l683
goto l684
goto l685
goto l686
goto l687
goto l688
goto l689
goto l690
goto l691
goto l692
goto l693
goto l694
goto l695
goto l696
goto l697
goto l698
goto l699
goto l700
goto l701
goto l702
goto l703
goto l704
goto l705
goto l706
goto l707
goto l708
goto l709
goto l710
goto l711
goto l712
goto l713
goto l714
goto l715
goto l716
goto l717
goto l718
goto l719
goto l720
goto l721
goto l722
goto l723
goto l724
goto l725
goto l726
goto l727
goto l728
goto l729
goto l730
goto l731
goto l732
goto l733
goto l734
goto l735
goto l736
goto l737
goto l738
goto l739
goto l740
goto l741
goto l742
goto l743
goto l744
goto l745
goto l746
goto l747
goto l748
goto l749
goto l750
goto l751
goto l752
goto l753
goto l754
goto l755
goto l756
goto l757
goto l758
goto l759
goto l760
goto l761
goto l762
goto l763
goto l764
goto l765
goto l766
goto l767
goto l768
goto l769
goto l770
goto l771
goto l772
goto l773
goto l774
goto l775
goto l776
goto l777
goto l778
goto l779
goto l780
goto l781
goto l782
goto l783
goto l784
goto l785
goto l786
goto l787
goto l788
goto l789
goto l790
goto l791
goto l792
goto l793
goto l794
goto l795
goto l796
goto l797
goto l798
goto l799
goto l800
goto l801
goto l802
goto l803
goto l804
goto l805
goto l806
goto l807
goto l808
goto l809
goto l810
goto l811
goto l812
goto l813
goto l814
goto l815
goto l816
goto l817
goto l818
goto l819
goto l820
goto l821
goto l822
goto l823
goto l824
goto l825
goto l826
goto l827
goto l828
goto l829
goto l830
goto l831
goto l832
goto l833
goto l834
goto l835
goto l836
goto l837
goto l838
goto l839
goto l840
goto l841
goto l842
goto l843
goto l844
goto l845
goto l846
goto l847
goto l848
goto l849
goto l850
goto l851
goto l852
goto l853
goto l854
goto l855
goto l856
goto l857
goto l858
goto l859
goto l860
goto l861
goto l862
goto l863
goto l864
goto l865
goto l866
goto l867
goto l868
goto l869
goto l870
goto l871
goto l872
goto l873
goto l874
goto l875
goto l876
goto l877
goto l878
goto l879
goto l880
goto l881
goto l882
goto l883
goto l884
goto l885
goto l886
goto l887
goto l888
goto l889
goto l890
goto l891
goto l892
goto l893
goto l894
goto l895
goto l896
goto l897
goto l898
goto l899
goto l900
goto l901
goto l902
goto l903
goto l904
goto l905
goto l906
goto l907
goto l908
goto l909
goto l910
goto l911
goto l912
goto l913
goto l914
goto l915
goto l916
goto l917
goto l918
goto l919
goto l920
goto l921
goto l922
goto l923
goto l924
goto l925
goto l926
goto l927
goto l928
goto l929
goto l930
goto l931
goto l932
goto l933
goto l934
goto l935
goto l936
goto l937
goto l938
goto l939
goto l940
goto l941
goto l942
goto l943
goto l944
goto l945
goto l946
goto l947
goto l948
goto l949
goto l950
goto l951
goto l952
goto l953
goto l954
goto l955
goto l956
goto l957
goto l958
goto l959
goto l960
goto l961
goto l962
goto l963
goto l964
goto l965
goto l966
goto l967
goto l968
goto l969
goto l970
goto l971
goto l972
goto l973
goto l974
goto l975
goto l976
goto l977
goto l978
goto l979
goto l980
goto l981
goto l982
goto l983
goto l984
goto l985
goto l986
goto l987
goto l988
goto l989
goto l990
goto l991
goto l992
goto l993
goto l994
goto l995
goto l996
goto l997
goto l998
goto l999
goto l1000
goto l1001
goto l1002
goto l1003
goto l1004
goto l1005
goto l1006
goto l1007
goto l1008
goto l1009
goto l1010
goto l1011
goto l1012
goto l1013
goto l1014
goto l1015
goto l1016
goto l1017
goto l1018
goto l1019
goto l1020
goto l1021
goto l1022
goto l1023
goto l1024
goto l1025
goto l1026
goto l1027
goto l1028
goto l1029
goto l1030
goto l1031
goto l1032
goto l1033
goto l1034
goto l1035
goto l1036
goto l1037
goto l1038
goto l1039
goto l1040
goto l1041
goto l1042
goto l1043
goto l1044
goto l1045
goto l1046
goto l1047
goto l1048
goto l1049
goto l1050
goto l1051
goto l1052
goto l1053
goto l1054
goto l1055
goto l1056
goto l1057
goto l1058
goto l1059
goto l1060
goto l1061
goto l1062
goto l1063
goto l1064
goto l1065
goto l1066
goto l1067
goto l1068
goto l1069
goto l1070
goto l1071
goto l1072
goto l1073
goto l1074
goto l1075
goto l1076
goto l1077
goto l1078
goto l1079
goto l1080
goto l1081
goto l1082
goto l1083
goto l1084
goto l1085
goto l1086
goto l1087
goto l1088
goto l1089
goto l1090
goto l1091
goto l1092
goto l1093
goto l1094
goto l1095
goto l1096
goto l1097
goto l1098
goto l1099
goto l1100
goto l1101
goto l1102
goto l1103
goto l1104
goto l1105
goto l1106
goto l1107
goto l1108
goto l1109
goto l1110
goto l1111
goto l1112
goto l1113
goto l1114
goto l1115
goto l1116
goto l1117
goto l1118
goto l1119
goto l1120
goto l1121
goto l1122
goto l1123
goto l1124
goto l1125
goto l1126
goto l1127
goto l1128
goto l1129
goto l1130
goto l1131
goto l1132
goto l1133
goto l1134
goto l1135
goto l1136
goto l1137
goto l1138
goto l1139
goto l1140
goto l1141
goto l1142
goto l1143
goto l1144
goto l1145
goto l1146
goto l1147
goto l1148
goto l1149
goto l1150
goto l1151
goto l1152
goto l1153
goto l1154
goto l1155
goto l1156
goto l1157
goto l1158
goto l1159
goto l1160
goto l1161
goto l1162
goto l1163
goto l1164
goto l1165
goto l1166
goto l1167
goto l1168
goto l1169
goto l1170
goto l1171
goto l1172
goto l1173
goto l1174
goto l1175
goto l1176
goto l1177
goto l1178
goto l1179
goto l1180
goto l1181
goto l1182
goto l1183
goto l1184
goto l1185
goto l1186
goto l1187
goto l1188
goto l1189
goto l1190
goto l1191
goto l1192
goto l1193
goto l1194
goto l1195
goto l1196
goto l1197
goto l1198
goto l1199
goto l1200
goto l1201
goto l1202
goto l1203
goto l1204
goto l1205
goto l1206
goto l1207
goto l1208
goto l1209
goto l1210
goto l1211
goto l1212
goto l1213
goto l1214
goto l1215
goto l1216
goto l1217
goto l1218
goto l1219
goto l1220
goto l1221
goto l1222
goto l1223
goto l1224
goto l1225
goto l1226
goto l1227
goto l1228
goto l1229
goto l1230
goto l1231
goto l1232
goto l1233
goto l1234
goto l1235
goto l1236
goto l1237
goto l1238
goto l1239
goto l1240
goto l1241
goto l1242
goto l1243
goto l1244
goto l1245
goto l1246
goto l1247
goto l1248
goto l1249
goto l1250
goto l1251
goto l1252
goto l1253
goto l1254
goto l1255
goto l1256
goto l1257
goto l1258
goto l1259
goto l1260
goto l1261
goto l1262
goto l1263
goto l1264
goto l1265
goto l1266
goto l1267
goto l1268
goto l1269
goto l1270
goto l1271
goto l1272
goto l1273
goto l1274
goto l1275
goto l1276
goto l1277
goto l1278
goto l1279
goto l1280
goto l1281
goto l1282
goto l1283
goto l1284
goto l1285
goto l1286
goto l1287
goto l1288
goto l1289
goto l1290
goto l1291
goto l1292
goto l1293
goto l1294
goto l1295
goto l1296
goto l1297
goto l1298
goto l1299
goto l1300
goto l1301
goto l1302
goto l1303
goto l1304
goto l1305
goto l1306
goto l1307
goto l1308
goto l1309
goto l1310
goto l1311
goto l1312
goto l1313
goto l1314
goto l1315
goto l1316
goto l1317
goto l1318
goto l1319
goto l1320
goto l1321
goto l1322
goto l1323
goto l1324
goto l1325
goto l1326
goto l1327
goto l1328
goto l1329
goto l1330
goto l1331
goto l1332
goto l1333
goto l1334
goto l1335
goto l1336
goto l1337
goto l1338
goto l1339
goto l1340
goto l1341
goto l1342
goto l1343
goto l1344
goto l1345
goto l1346
goto l1347
goto l1348
goto l1349
goto l1350
goto l1351
goto l1352
goto l1353
goto l1354
goto l1355
goto l1356
goto l1357
goto l1358
goto l1359
goto l1360
goto l1361
goto l1362
goto l1363
goto l1364
goto l1365
goto l1366
goto l1367
goto l1368
goto l1369
goto l1370
goto l1371
goto l1372
goto l1373
goto l1374
goto l1375
goto l1376
goto l1377
goto l1378
goto l1379
goto l1380
goto l1381
goto l1382
goto l1383
goto l1384
goto l1385
goto l1386
goto l1387
goto l1388
goto l1389
goto l1390
goto l1391
goto l1392
goto l1393
goto l1394
goto l1395
goto l1396
goto l1397
goto l1398
goto l1399
goto l1400
goto l1401
goto l1402
goto l1403
goto l1404
goto l1405
goto l1406
goto l1407
goto l1408
goto l1409
goto l1410
goto l1411
goto l1412
goto l1413
goto l1414
goto l1415
goto l1416
goto l1417
goto l1418
goto l1419
goto l1420
goto l1421
goto l1422
goto l1423
goto l1424
goto l1425
goto l1426
goto l1427
goto l1428
goto l1429
goto l1430
goto l1431
goto l1432
goto l1433
goto l1434
goto l1435
goto l1436
goto l1437
goto l1438
goto l1439
goto l1440
goto l1441
goto l1442
goto l1443
goto l1444
goto l1445
goto l1446
goto l1447
goto l1448
goto l1449
goto l1450
goto l1451
goto l1452
goto l1453
goto l1454
goto l1455
goto l1456
goto l1457
goto l1458
goto l1459
goto l1460
goto l1461
goto l1462
goto l1463
goto l1464
goto l1465
goto l1466
goto l1467
goto l1468
goto l1469
goto l1470
goto l1471
goto l1472
goto l1473
goto l1474
goto l1475
goto l1476
goto l1477
goto l1478
goto l1479
goto l1480
goto l1481
goto l1482
goto l1483
goto l1484
goto l1485
goto l1486
goto l1487
goto l1488
goto l1489
goto l1490
goto l1491
goto l1492
goto l1493
goto l1494
goto l1495
goto l1496
goto l1497
goto l1498
goto l1499
goto l1500
goto l1501
goto l1502
goto l1503
goto l1504
goto l1505
goto l1506
goto l1507
goto l1508
goto l1509
goto l1510
goto l1511
goto l1512
goto l1513
goto l1514
goto l1515
goto l1516
goto l1517
goto l1518
goto l1519
goto l1520
goto l1521
goto l1522
goto l1523
goto l1524
goto l1525
goto l1526
goto l1527
goto l1528
goto l1529
goto l1530
goto l1531
goto l1532
goto l1533
goto l1534
goto l1535
goto l1536
goto l1537
goto l1538
goto l1539
goto l1540
goto l1541
goto l1542
goto l1543
goto l1544
goto l1545
goto l1546
goto l1547
goto l1548
goto l1549
goto l1550
goto l1551
goto l1552
goto l1553
goto l1554
goto l1555
goto l1556
goto l1557
goto l1558
goto l1559
goto l1560
goto l1561
goto l1562
goto l1563
goto l1564
goto l1565
goto l1566
goto l1567
goto l1568
goto l1569
goto l1570
goto l1571
goto l1572
goto l1573
goto l1574
goto l1575
goto l1576
goto l1577
goto l1578
goto l1579
goto l1580
goto l1581
goto l1582
goto l1583
goto l1584
goto l1585
goto l1586
goto l1587
goto l1588
goto l1589
goto l1590
goto l1591
goto l1592
goto l1593
goto l1594
goto l1595
goto l1596
goto l1597
goto l1598
goto l1599
goto l1600
goto l1601
goto l1602
goto l1603
goto l1604
goto l1605
goto l1606
goto l1607
goto l1608
goto l1609
goto l1610
goto l1611
goto l1612
goto l1613
goto l1614
goto l1615
goto l1616
goto l1617
goto l1618
goto l1619
goto l1620
goto l1621
goto l1622
goto l1623
goto l1624
goto l1625
goto l1626
goto l1627
goto l1628
goto l1629
goto l1630
goto l1631
goto l1632
goto l1633
goto l1634
goto l1635
goto l1636
goto l1637
goto l1638
goto l1639
goto l1640
goto l1641
goto l1642
goto l1643
goto l1644
goto l1645
goto l1646
goto l1647
goto l1648
goto l1649
goto l1650
goto l1651
goto l1652
goto l1653
goto l1654
goto l1655
goto l1656
goto l1657
goto l1658
goto l1659
goto l1660
goto l1661
goto l1662
goto l1663
goto l1664
goto l1665
goto l1666
goto l1667
goto l1668
goto l1669
goto l1670
goto l1671
goto l1672
goto l1673
goto l1674
goto l1675
goto l1676
goto l1677
goto l1678
goto l1679
goto l1680
goto l1681
goto l1682
goto l1683
goto l1684
goto l1685
goto l1686
goto l1687
goto l1688
goto l1689
goto l1690
goto l1691
goto l1692
goto l1693
goto l1694
goto l1695
goto l1696
goto l1697
goto l1698
goto l1699
goto l1700
goto l1701
goto l1702
goto l1703
goto l1704
goto l1705
goto l1706
goto l1707
goto l1708
goto l1709
goto l1710
goto l1711
goto l1712
goto l1713
goto l1714
goto l1715
goto l1716
goto l1717
goto l1718
goto l1719
goto l1720
goto l1721
goto l1722
goto l1723
goto l1724
goto l1725
goto l1726
goto l1727
goto l1728
goto l1729
goto l1730
goto l1731
goto l1732
goto l1733
goto l1734
goto l1735
goto l1736
goto l1737
goto l1738
goto l1739
goto l1740
goto l1741
goto l1742
goto l1743
goto l1744
goto l1745
goto l1746
goto l1747
goto l1748
goto l1749
goto l1750
goto l1751
goto l1752
goto l1753
goto l1754
goto l1755
goto l1756
goto l1757
goto l1758
goto l1759
goto l1760
goto l1761
goto l1762
goto l1763
goto l1764
goto l1765
goto l1766
goto l1767
goto l1768
goto l1769
goto l1770
goto l1771
goto l1772
goto l1773
goto l1774
goto l1775
goto l1776
goto l1777
goto l1778
goto l1779
goto l1780
goto l1781
goto l1782
goto l1783
goto l1784
goto l1785
goto l1786
goto l1787
goto l1788
goto l1789
goto l1790
goto l1791
goto l1792
goto l1793
goto l1794
goto l1795
goto l1796
goto l1797
goto l1798
goto l1799
goto l1800
goto l1801
goto l1802
goto l1803
goto l1804
goto l1805
goto l1806
goto l1807
goto l1808
goto l1809
goto l1810
goto l1811
goto l1812
goto l1813
goto l1814
goto l1815
goto l1816
goto l1817
goto l1818
goto l1819
goto l1820
goto l1821
goto l1822
goto l1823
goto l1824
goto l1825
goto l1826
goto l1827
goto l1828
goto l1829
goto l1830
goto l1831
goto l1832
goto l1833
goto l1834
goto l1835
goto l1836
goto l1837
goto l1838
goto l1839
goto l1840
goto l1841
goto l1842
goto l1843
goto l1844
goto l1845
goto l1846
goto l1847
goto l1848
goto l1849
goto l1850
goto l1851
goto l1852
goto l1853
goto l1854
goto l1855
goto l1856
goto l1857
goto l1858
goto l1859
goto l1860
goto l1861
goto l1862
goto l1863
goto l1864
goto l1865
goto l1866
goto l1867
goto l1868
goto l1869
goto l1870
goto l1871
goto l1872
goto l1873
goto l1874
goto l1875
goto l1876
goto l1877
goto l1878
goto l1879
goto l1880
goto l1881
goto l1882
goto l1883
goto l1884
goto l1885
goto l1886
goto l1887
goto l1888
goto l1889
goto l1890
goto l1891
goto l1892
goto l1893
goto l1894
goto l1895
goto l1896
goto l1897
goto l1898
goto l1899
goto l1900
goto l1901
goto l1902
goto l1903
goto l1904
goto l1905
goto l1906
goto l1907
goto l1908
goto l1909
goto l1910
goto l1911
goto l1912
goto l1913
goto l1914
goto l1915
goto l1916
goto l1917
goto l1918
goto l1919
goto l1920
goto l1921
goto l1922
goto l1923
goto l1924
goto l1925
goto l1926
goto l1927
goto l1928
goto l1929
goto l1930
goto l1931
goto l1932
goto l1933
goto l1934
goto l1935
goto l1936
goto l1937
goto l1938
goto l1939
goto l1940
goto l1941
goto l1942
goto l1943
goto l1944
goto l1945
goto l1946
goto l1947
goto l1948
goto l1949
goto l1950
goto l1951
goto l1952
goto l1953
goto l1954
goto l1955
goto l1956
goto l1957
goto l1958
goto l1959
goto l1960
goto l1961
goto l1962
goto l1963
goto l1964
goto l1965
goto l1966
goto l1967
goto l1968
goto l1969
goto l1970
goto l1971
goto l1972
goto l1973
goto l1974
goto l1975
goto l1976
goto l1977
goto l1978
goto l1979
goto l1980
goto l1981
goto l1982
goto l1983
goto l1984
goto l1985
goto l1986
goto l1987
goto l1988
goto l1989
goto l1990
goto l1991
goto l1992
goto l1993
goto l1994
goto l1995
goto l1996
goto l1997
goto l1998
goto l1999
::l0::
::l1::
::l2::
::l3::
::l4::
::l5::
::l6::
::l7::
::l8::
::l9::
::l10::
::l11::
::l12::
::l13::
::l14::
::l15::
::l16::
::l17::
::l18::
::l19::
::l20::
::l21::
::l22::
::l23::
::l24::
::l25::
::l26::
::l27::
::l28::
::l29::
::l30::
::l31::
::l32::
::l33::
::l34::
::l35::
::l36::
::l37::
::l38::
::l39::
::l40::
::l41::
::l42::
::l43::
::l44::
::l45::
::l46::
::l47::
::l48::
::l49::
::l50::
::l51::
::l52::
::l53::
::l54::
::l55::
::l56::
::l57::
::l58::
::l59::
::l60::
::l61::
::l62::
::l63::
::l64::
::l65::
::l66::
::l67::
::l68::
::l69::
::l70::
::l71::
::l72::
::l73::
::l74::
::l75::
::l76::
::l77::
::l78::
::l79::
::l80::
::l81::
::l82::
::l83::
::l84::
::l85::
::l86::
::l87::
::l88::
::l89::
::l90::
::l91::
::l92::
::l93::
::l94::
::l95::
::l96::
::l97::
::l98::
::l99::
::l100::
::l101::
::l102::
::l103::
::l104::
::l105::
::l106::
::l107::
::l108::
::l109::
::l110::
::l111::
::l112::
::l113::
::l114::
::l115::
::l116::
::l117::
::l118::
::l119::
::l120::
::l121::
::l122::
::l123::
::l124::
::l125::
::l126::
::l127::
::l128::
::l129::
::l130::
::l131::
::l132::
::l133::
::l134::
::l135::
::l136::
::l137::
::l138::
::l139::
::l140::
::l141::
::l142::
::l143::
::l144::
::l145::
::l146::
::l147::
::l148::
::l149::
::l150::
::l151::
::l152::
::l153::
::l154::
::l155::
::l156::
::l157::
::l158::
::l159::
::l160::
::l161::
::l162::
::l163::
::l164::
::l165::
::l166::
::l167::
::l168::
::l169::
::l170::
::l171::
::l172::
::l173::
::l174::
::l175::
::l176::
::l177::
::l178::
::l179::
::l180::
::l181::
::l182::
::l183::
::l184::
::l185::
::l186::
::l187::
::l188::
::l189::
::l190::
::l191::
::l192::
::l193::
::l194::
::l195::
::l196::
::l197::
::l198::
::l199::
::l200::
::l201::
::l202::
::l203::
::l204::
::l205::
::l206::
::l207::
::l208::
::l209::
::l210::
::l211::
::l212::
::l213::
::l214::
::l215::
::l216::
::l217::
::l218::
::l219::
::l220::
::l221::
::l222::
::l223::
::l224::
::l225::
::l226::
::l227::
::l228::
::l229::
::l230::
::l231::
::l232::
::l233::
::l234::
::l235::
::l236::
::l237::
::l238::
::l239::
::l240::
::l241::
::l242::
::l243::
::l244::
::l245::
::l246::
::l247::
::l248::
::l249::
::l250::
::l251::
::l252::
::l253::
::l254::
::l255::
::l256::
::l257::
::l258::
::l259::
::l260::
::l261::
::l262::
::l263::
::l264::
::l265::
::l266::
::l267::
::l268::
::l269::
::l270::
::l271::
::l272::
::l273::
::l274::
::l275::
::l276::
::l277::
::l278::
::l279::
::l280::
::l281::
::l282::
::l283::
::l284::
::l285::
::l286::
::l287::
::l288::
::l289::
::l290::
::l291::
::l292::
::l293::
::l294::
::l295::
::l296::
::l297::
::l298::
::l299::
::l300::
::l301::
::l302::
::l303::
::l304::
::l305::
::l306::
::l307::
::l308::
::l309::
::l310::
::l311::
::l312::
::l313::
::l314::
::l315::
::l316::
::l317::
::l318::
::l319::
::l320::
::l321::
::l322::
::l323::
::l324::
::l325::
::l326::
::l327::
::l328::
::l329::
::l330::
::l331::
::l332::
::l333::
::l334::
::l335::
::l336::
::l337::
::l338::
::l339::
::l340::
::l341::
::l342::
::l343::
::l344::
::l345::
::l346::
::l347::
::l348::
::l349::
::l350::
::l351::
::l352::
::l353::
::l354::
::l355::
::l356::
::l357::
::l358::
::l359::
::l360::
::l361::
::l362::
::l363::
::l364::
::l365::
::l366::
::l367::
::l368::
::l369::
::l370::
::l371::
::l372::
::l373::
::l374::
::l375::
::l376::
::l377::
::l378::
::l379::
::l380::
::l381::
::l382::
::l383::
::l384::
::l385::
::l386::
::l387::
::l388::
::l389::
::l390::
::l391::
::l392::
::l393::
::l394::
::l395::
::l396::
::l397::
::l398::
::l399::
::l400::
::l401::
::l402::
::l403::
::l404::
::l405::
::l406::
::l407::
::l408::
::l409::
::l410::
::l411::
::l412::
::l413::
::l414::
::l415::
::l416::
::l417::
::l418::
::l419::
::l420::
::l421::
::l422::
::l423::
::l424::
::l425::
::l426::
::l427::
::l428::
::l429::
::l430::
::l431::
::l432::
::l433::
::l434::
::l435::
::l436::
::l437::
::l438::
::l439::
::l440::
::l441::
::l442::
::l443::
::l444::
::l445::
::l446::
::l447::
::l448::
::l449::
::l450::
::l451::
::l452::
::l453::
::l454::
::l455::
::l456::
::l457::
::l458::
::l459::
::l460::
::l461::
::l462::
::l463::
::l464::
::l465::
::l466::
::l467::
::l468::
::l469::
::l470::
::l471::
::l472::
::l473::
::l474::
::l475::
::l476::
::l477::
::l478::
::l479::
::l480::
::l481::
::l482::
::l483::
::l484::
::l485::
::l486::
::l487::
::l488::
::l489::
::l490::
::l491::
::l492::
::l493::
::l494::
::l495::
::l496::
::l497::
::l498::
::l499::
::l500::
::l501::
::l502::
::l503::
::l504::
::l505::
::l506::
::l507::
::l508::
::l509::
::l510::
::l511::
::l512::
::l513::
::l514::
::l515::
::l516::
::l517::
::l518::
::l519::
::l520::
::l521::
::l522::
::l523::
::l524::
::l525::
::l526::
::l527::
::l528::
::l529::
::l530::
::l531::
::l532::
::l533::
::l534::
::l535::
::l536::
::l537::
::l538::
::l539::
::l540::
::l541::
::l542::
::l543::
::l544::
::l545::
::l546::
::l547::
::l548::
::l549::
::l550::
::l551::
::l552::
::l553::
::l554::
::l555::
::l556::
::l557::
::l558::
::l559::
::l560::
::l561::
::l562::
::l563::
::l564::
::l565::
::l566::
::l567::
::l568::
::l569::
::l570::
::l571::
::l572::
::l573::
::l574::
::l575::
::l576::
::l577::
::l578::
::l579::
::l580::
::l581::
::l582::
::l583::
::l584::
::l585::
::l586::
::l587::
::l588::
::l589::
::l590::
::l591::
::l592::
::l593::
::l594::
::l595::
::l596::
::l597::
::l598::
::l599::
::l600::
::l601::
::l602::
::l603::
::l604::
::l605::
::l606::
::l607::
::l608::
::l609::
::l610::
::l611::
::l612::
::l613::
::l614::
::l615::
::l616::
::l617::
::l618::
::l619::
::l620::
::l621::
::l622::
::l623::
::l624::
::l625::
::l626::
::l627::
::l628::
::l629::
::l630::
::l631::
::l632::
::l633::
::l634::
::l635::
::l636::
::l637::
::l638::
::l639::
::l640::
::l641::
::l642::
::l643::
::l644::
::l645::
::l646::
::l647::
::l648::
::l649::
::l650::
::l651::
::l652::
::l653::
::l654::
::l655::
::l656::
::l657::
::l658::
::l659::
::l660::
::l661::
::l662::
::l663::
::l664::
::l665::
::l666::
::l667::
::l668::
::l669::
::l670::
::l671::
::l672::
::l673::
::l674::
::l675::
::l676::
::l677::
::l678::
::l679::
::l680::
::l681::
::l682::
::l683::
::l684::
::l685::
::l686::
::l687::
::l688::
::l689::
::l690::
::l691::
::l692::
::l693::
::l694::
::l695::
::l696::
::l697::
::l698::
::l699::
::l700::
::l701::
::l702::
::l703::
::l704::
::l705::
::l706::
::l707::
::l708::
::l709::
::l710::
::l711::
::l712::
::l713::
::l714::
::l715::
::l716::
::l717::
::l718::
::l719::
::l720::
::l721::
::l722::
::l723::
::l724::
::l725::
::l726::
::l727::
::l728::
::l729::
::l730::
::l731::
::l732::
::l733::
::l734::
::l735::
::l736::
::l737::
::l738::
::l739::
::l740::
::l741::
::l742::
::l743::
::l744::
::l745::
::l746::
::l747::
::l748::
::l749::
::l750::
::l751::
::l752::
::l753::
::l754::
::l755::
::l756::
::l757::
::l758::
::l759::
::l760::
::l761::
::l762::
::l763::
::l764::
::l765::
::l766::
::l767::
::l768::
::l769::
::l770::
::l771::
::l772::
::l773::
::l774::
::l775::
::l776::
::l777::
::l778::
::l779::
::l780::
::l781::
::l782::
::l783::
::l784::
::l785::
::l786::
::l787::
::l788::
::l789::
::l790::
::l791::
::l792::
::l793::
::l794::
::l795::
::l796::
::l797::
::l798::
::l799::
::l800::
::l801::
::l802::
::l803::
::l804::
::l805::
::l806::
::l807::
::l808::
::l809::
::l810::
::l811::
::l812::
::l813::
::l814::
::l815::
::l816::
::l817::
::l818::
::l819::
::l820::
::l821::
::l822::
::l823::
::l824::
::l825::
::l826::
::l827::
::l828::
::l829::
::l830::
::l831::
::l832::
::l833::
::l834::
::l835::
::l836::
::l837::
::l838::
::l839::
::l840::
::l841::
::l842::
::l843::
::l844::
::l845::
::l846::
::l847::
::l848::
::l849::
::l850::
::l851::
::l852::
::l853::
::l854::
::l855::
::l856::
::l857::
::l858::
::l859::
::l860::
::l861::
::l862::
::l863::
::l864::
::l865::
::l866::
::l867::
::l868::
::l869::
::l870::
::l871::
::l872::
::l873::
::l874::
::l875::
::l876::
::l877::
::l878::
::l879::
::l880::
::l881::
::l882::
::l883::
::l884::
::l885::
::l886::
::l887::
::l888::
::l889::
::l890::
::l891::
::l892::
::l893::
::l894::
::l895::
::l896::
::l897::
::l898::
::l899::
::l900::
::l901::
::l902::
::l903::
::l904::
::l905::
::l906::
::l907::
::l908::
::l909::
::l910::
::l911::
::l912::
::l913::
::l914::
::l915::
::l916::
::l917::
::l918::
::l919::
::l920::
::l921::
::l922::
::l923::
::l924::
::l925::
::l926::
::l927::
::l928::
::l929::
::l930::
::l931::
::l932::
::l933::
::l934::
::l935::
::l936::
::l937::
::l938::
::l939::
::l940::
::l941::
::l942::
::l943::
::l944::
::l945::
::l946::
::l947::
::l948::
::l949::
::l950::
::l951::
::l952::
::l953::
::l954::
::l955::
::l956::
::l957::
::l958::
::l959::
::l960::
::l961::
::l962::
::l963::
::l964::
::l965::
::l966::
::l967::
::l968::
::l969::
::l970::
::l971::
::l972::
::l973::
::l974::
::l975::
::l976::
::l977::
::l978::
::l979::
::l980::
::l981::
::l982::
::l983::
::l984::
::l985::
::l986::
::l987::
::l988::
::l989::
::l990::
::l991::
::l992::
::l993::
::l994::
::l995::
::l996::
::l997::
::l998::
::l999::
::l1000::
::l1001::
::l1002::
::l1003::
::l1004::
::l1005::
::l1006::
::l1007::
::l1008::
::l1009::
::l1010::
::l1011::
::l1012::
::l1013::
::l1014::
::l1015::
::l1016::
::l1017::
::l1018::
::l1019::
::l1020::
::l1021::
::l1022::
::l1023::
::l1024::
::l1025::
::l1026::
::l1027::
::l1028::
::l1029::
::l1030::
::l1031::
::l1032::
::l1033::
::l1034::
::l1035::
::l1036::
::l1037::
::l1038::
::l1039::
::l1040::
::l1041::
::l1042::
::l1043::
::l1044::
::l1045::
::l1046::
::l1047::
::l1048::
::l1049::
::l1050::
::l1051::
::l1052::
::l1053::
::l1054::
::l1055::
::l1056::
::l1057::
::l1058::
::l1059::
::l1060::
::l1061::
::l1062::
::l1063::
::l1064::
::l1065::
::l1066::
::l1067::
::l1068::
::l1069::
::l1070::
::l1071::
::l1072::
::l1073::
::l1074::
::l1075::
::l1076::
::l1077::
::l1078::
::l1079::
::l1080::
::l1081::
::l1082::
::l1083::
::l1084::
::l1085::
::l1086::
::l1087::
::l1088::
::l1089::
::l1090::
::l1091::
::l1092::
::l1093::
::l1094::
::l1095::
::l1096::
::l1097::
::l1098::
::l1099::
::l1100::
::l1101::
::l1102::
::l1103::
::l1104::
::l1105::
::l1106::
::l1107::
::l1108::
::l1109::
::l1110::
::l1111::
::l1112::
::l1113::
::l1114::
::l1115::
::l1116::
::l1117::
::l1118::
::l1119::
::l1120::
::l1121::
::l1122::
::l1123::
::l1124::
::l1125::
::l1126::
::l1127::
::l1128::
::l1129::
::l1130::
::l1131::
::l1132::
::l1133::
::l1134::
::l1135::
::l1136::
::l1137::
::l1138::
::l1139::
::l1140::
::l1141::
::l1142::
::l1143::
::l1144::
::l1145::
::l1146::
::l1147::
::l1148::
::l1149::
::l1150::
::l1151::
::l1152::
::l1153::
::l1154::
::l1155::
::l1156::
::l1157::
::l1158::
::l1159::
::l1160::
::l1161::
::l1162::
::l1163::
::l1164::
::l1165::
::l1166::
::l1167::
::l1168::
::l1169::
::l1170::
::l1171::
::l1172::
::l1173::
::l1174::
::l1175::
::l1176::
::l1177::
::l1178::
::l1179::
::l1180::
::l1181::
::l1182::
::l1183::
::l1184::
::l1185::
::l1186::
::l1187::
::l1188::
::l1189::
::l1190::
::l1191::
::l1192::
::l1193::
::l1194::
::l1195::
::l1196::
::l1197::
::l1198::
::l1199::
::l1200::
::l1201::
::l1202::
::l1203::
::l1204::
::l1205::
::l1206::
::l1207::
::l1208::
::l1209::
::l1210::
::l1211::
::l1212::
::l1213::
::l1214::
::l1215::
::l1216::
::l1217::
::l1218::
::l1219::
::l1220::
::l1221::
::l1222::
::l1223::
::l1224::
::l1225::
::l1226::
::l1227::
::l1228::
::l1229::
::l1230::
::l1231::
::l1232::
::l1233::
::l1234::
::l1235::
::l1236::
::l1237::
::l1238::
::l1239::
::l1240::
::l1241::
::l1242::
::l1243::
::l1244::
::l1245::
::l1246::
::l1247::
::l1248::
::l1249::
::l1250::
::l1251::
::l1252::
::l1253::
::l1254::
::l1255::
::l1256::
::l1257::
::l1258::
::l1259::
::l1260::
::l1261::
::l1262::
::l1263::
::l1264::
::l1265::
::l1266::
::l1267::
::l1268::
::l1269::
::l1270::
::l1271::
::l1272::
::l1273::
::l1274::
::l1275::
::l1276::
::l1277::
::l1278::
::l1279::
::l1280::
::l1281::
::l1282::
::l1283::
::l1284::
::l1285::
::l1286::
::l1287::
::l1288::
::l1289::
::l1290::
::l1291::
::l1292::
::l1293::
::l1294::
::l1295::
::l1296::
::l1297::
::l1298::
::l1299::
::l1300::
::l1301::
::l1302::
::l1303::
::l1304::
::l1305::
::l1306::
::l1307::
::l1308::
::l1309::
::l1310::
::l1311::
::l1312::
::l1313::
::l1314::
::l1315::
::l1316::
::l1317::
::l1318::
::l1319::
::l1320::
::l1321::
::l1322::
::l1323::
::l1324::
::l1325::
::l1326::
::l1327::
::l1328::
::l1329::
::l1330::
::l1331::
::l1332::
::l1333::
::l1334::
::l1335::
::l1336::
::l1337::
::l1338::
::l1339::
::l1340::
::l1341::
::l1342::
::l1343::
::l1344::
::l1345::
::l1346::
::l1347::
::l1348::
::l1349::
::l1350::
::l1351::
::l1352::
::l1353::
::l1354::
::l1355::
::l1356::
::l1357::
::l1358::
::l1359::
::l1360::
::l1361::
::l1362::
::l1363::
::l1364::
::l1365::
::l1366::
::l1367::
::l1368::
::l1369::
::l1370::
::l1371::
::l1372::
::l1373::
::l1374::
::l1375::
::l1376::
::l1377::
::l1378::
::l1379::
::l1380::
::l1381::
::l1382::
::l1383::
::l1384::
::l1385::
::l1386::
::l1387::
::l1388::
::l1389::
::l1390::
::l1391::
::l1392::
::l1393::
::l1394::
::l1395::
::l1396::
::l1397::
::l1398::
::l1399::
::l1400::
::l1401::
::l1402::
::l1403::
::l1404::
::l1405::
::l1406::
::l1407::
::l1408::
::l1409::
::l1410::
::l1411::
::l1412::
::l1413::
::l1414::
::l1415::
::l1416::
::l1417::
::l1418::
::l1419::
::l1420::
::l1421::
::l1422::
::l1423::
::l1424::
::l1425::
::l1426::
::l1427::
::l1428::
::l1429::
::l1430::
::l1431::
::l1432::
::l1433::
::l1434::
::l1435::
::l1436::
::l1437::
::l1438::
::l1439::
::l1440::
::l1441::
::l1442::
::l1443::
::l1444::
::l1445::
::l1446::
::l1447::
::l1448::
::l1449::
::l1450::
::l1451::
::l1452::
::l1453::
::l1454::
::l1455::
::l1456::
::l1457::
::l1458::
::l1459::
::l1460::
::l1461::
::l1462::
::l1463::
::l1464::
::l1465::
::l1466::
::l1467::
::l1468::
::l1469::
::l1470::
::l1471::
::l1472::
::l1473::
::l1474::
::l1475::
::l1476::
::l1477::
::l1478::
::l1479::
::l1480::
::l1481::
::l1482::
::l1483::
::l1484::
::l1485::
::l1486::
::l1487::
::l1488::
::l1489::
::l1490::
::l1491::
::l1492::
::l1493::
::l1494::
::l1495::
::l1496::
::l1497::
::l1498::
::l1499::
::l1500::
::l1501::
::l1502::
::l1503::
::l1504::
::l1505::
::l1506::
::l1507::
::l1508::
::l1509::
::l1510::
::l1511::
::l1512::
::l1513::
::l1514::
::l1515::
::l1516::
::l1517::
::l1518::
::l1519::
::l1520::
::l1521::
::l1522::
::l1523::
::l1524::
::l1525::
::l1526::
::l1527::
::l1528::
::l1529::
::l1530::
::l1531::
::l1532::
::l1533::
::l1534::
::l1535::
::l1536::
::l1537::
::l1538::
::l1539::
::l1540::
::l1541::
::l1542::
::l1543::
::l1544::
::l1545::
::l1546::
::l1547::
::l1548::
::l1549::
::l1550::
::l1551::
::l1552::
::l1553::
::l1554::
::l1555::
::l1556::
::l1557::
::l1558::
::l1559::
::l1560::
::l1561::
::l1562::
::l1563::
::l1564::
::l1565::
::l1566::
::l1567::
::l1568::
::l1569::
::l1570::
::l1571::
::l1572::
::l1573::
::l1574::
::l1575::
::l1576::
::l1577::
::l1578::
::l1579::
::l1580::
::l1581::
::l1582::
::l1583::
::l1584::
::l1585::
::l1586::
::l1587::
::l1588::
::l1589::
::l1590::
::l1591::
::l1592::
::l1593::
::l1594::
::l1595::
::l1596::
::l1597::
::l1598::
::l1599::
::l1600::
::l1601::
::l1602::
::l1603::
::l1604::
::l1605::
::l1606::
::l1607::
::l1608::
::l1609::
::l1610::
::l1611::
::l1612::
::l1613::
::l1614::
::l1615::
::l1616::
::l1617::
::l1618::
::l1619::
::l1620::
::l1621::
::l1622::
::l1623::
::l1624::
::l1625::
::l1626::
::l1627::
::l1628::
::l1629::
::l1630::
::l1631::
::l1632::
::l1633::
::l1634::
::l1635::
::l1636::
::l1637::
::l1638::
::l1639::
::l1640::
::l1641::
::l1642::
::l1643::
::l1644::
::l1645::
::l1646::
::l1647::
::l1648::
::l1649::
::l1650::
::l1651::
::l1652::
::l1653::
::l1654::
::l1655::
::l1656::
::l1657::
::l1658::
::l1659::
::l1660::
::l1661::
::l1662::
::l1663::
::l1664::
::l1665::
::l1666::
::l1667::
::l1668::
::l1669::
::l1670::
::l1671::
::l1672::
::l1673::
::l1674::
::l1675::
::l1676::
::l1677::
::l1678::
::l1679::
::l1680::
::l1681::
::l1682::
::l1683::
::l1684::
::l1685::
::l1686::
::l1687::
::l1688::
::l1689::
::l1690::
::l1691::
::l1692::
::l1693::
::l1694::
::l1695::
::l1696::
::l1697::
::l1698::
::l1699::
::l1700::
::l1701::
::l1702::
::l1703::
::l1704::
::l1705::
::l1706::
::l1707::
::l1708::
::l1709::
::l1710::
::l1711::
::l1712::
::l1713::
::l1714::
::l1715::
::l1716::
::l1717::
::l1718::
::l1719::
::l1720::
::l1721::
::l1722::
::l1723::
::l1724::
::l1725::
::l1726::
::l1727::
::l1728::
::l1729::
::l1730::
::l1731::
::l1732::
::l1733::
::l1734::
::l1735::
::l1736::
::l1737::
::l1738::
::l1739::
::l1740::
::l1741::
::l1742::
::l1743::
::l1744::
::l1745::
::l1746::
::l1747::
::l1748::
::l1749::
::l1750::
::l1751::
::l1752::
::l1753::
::l1754::
::l1755::
::l1756::
::l1757::
::l1758::
::l1759::
::l1760::
::l1761::
::l1762::
::l1763::
::l1764::
::l1765::
::l1766::
::l1767::
::l1768::
::l1769::
::l1770::
::l1771::
::l1772::
::l1773::
::l1774::
::l1775::
::l1776::
::l1777::
::l1778::
::l1779::
::l1780::
::l1781::
::l1782::
::l1783::
::l1784::
::l1785::
::l1786::
::l1787::
::l1788::
::l1789::
::l1790::
::l1791::
::l1792::
::l1793::
::l1794::
::l1795::
::l1796::
::l1797::
::l1798::
::l1799::
::l1800::
::l1801::
::l1802::
::l1803::
::l1804::
::l1805::
::l1806::
::l1807::
::l1808::
::l1809::
::l1810::
::l1811::
::l1812::
::l1813::
::l1814::
::l1815::
::l1816::
::l1817::
::l1818::
::l1819::
::l1820::
::l1821::
::l1822::
::l1823::
::l1824::
::l1825::
::l1826::
::l1827::
::l1828::
::l1829::
::l1830::
::l1831::
::l1832::
::l1833::
::l1834::
::l1835::
::l1836::
::l1837::
::l1838::
::l1839::
::l1840::
::l1841::
::l1842::
::l1843::
::l1844::
::l1845::
::l1846::
::l1847::
::l1848::
::l1849::
::l1850::
::l1851::
::l1852::
::l1853::
::l1854::
::l1855::
::l1856::
::l1857::
::l1858::
::l1859::
::l1860::
::l1861::
::l1862::
::l1863::
::l1864::
::l1865::
::l1866::
::l1867::
::l1868::
::l1869::
::l1870::
::l1871::
::l1872::
::l1873::
::l1874::
::l1875::
::l1876::
::l1877::
::l1878::
::l1879::
::l1880::
::l1881::
::l1882::
::l1883::
::l1884::
::l1885::
::l1886::
::l1887::
::l1888::
::l1889::
::l1890::
::l1891::
::l1892::
::l1893::
::l1894::
::l1895::
::l1896::
::l1897::
::l1898::
::l1899::
::l1900::
::l1901::
::l1902::
::l1903::
::l1904::
::l1905::
::l1906::
::l1907::
::l1908::
::l1909::
::l1910::
::l1911::
::l1912::
::l1913::
::l1914::
::l1915::
::l1916::
::l1917::
::l1918::
::l1919::
::l1920::
::l1921::
::l1922::
::l1923::
::l1924::
::l1925::
::l1926::
::l1927::
::l1928::
::l1929::
::l1930::
::l1931::
::l1932::
::l1933::
::l1934::
::l1935::
::l1936::
::l1937::
::l1938::
::l1939::
::l1940::
::l1941::
::l1942::
::l1943::
::l1944::
::l1945::
::l1946::
::l1947::
::l1948::
::l1949::
::l1950::
::l1951::
::l1952::
::l1953::
::l1954::
::l1955::
::l1956::
::l1957::
::l1958::
::l1959::
::l1960::
::l1961::
::l1962::
::l1963::
::l1964::
::l1965::
::l1966::
::l1967::
::l1968::
::l1969::
::l1970::
::l1971::
::l1972::
::l1973::
::l1974::
::l1975::
::l1976::
::l1977::
::l1978::
::l1979::
::l1980::
::l1981::
::l1982::
::l1983::
::l1984::
::l1985::
::l1986::
::l1987::
::l1988::
::l1989::
::l1990::
::l1991::
::l1992::
::l1993::
::l1994::
::l1995::
::l1996::
::l1997::
::l1998::
::l1999::
end

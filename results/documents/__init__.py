"""Official documents as Nghị định 30/2020/NĐ-CP lays them out: one model, printed as PDF and as Word.

Their language is Vietnamese by law, whatever language a reader has chosen for the screens: texts are not translated.
"""
